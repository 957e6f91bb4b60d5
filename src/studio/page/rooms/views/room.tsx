export function ViewsRoom() {
  return <p>Not yet</p>;
}
