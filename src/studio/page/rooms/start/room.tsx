export function StartRoom() {
  return <p>Not yet</p>;
}
