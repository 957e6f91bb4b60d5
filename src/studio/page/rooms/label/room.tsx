export function LabelRoom() {
  return <p>Not yet</p>;
}
