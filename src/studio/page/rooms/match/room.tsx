export function MatchRoom() {
  return <p>Not yet</p>;
}
