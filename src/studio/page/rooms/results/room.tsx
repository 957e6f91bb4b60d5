export function ResultsRoom() {
  return <p>Not yet</p>;
}
