/** A room of the page, as the frame knows it. */
import type { ComponentType } from 'preact';

export interface RoomProps {
  /** What follows the room in the address. */
  readonly rest: readonly string[];
}

export interface Room {
  readonly name: string;
  readonly title: string;
  /** The path of its icon, on 20 × 20. */
  readonly icon: string;
  readonly load: () => Promise<ComponentType<RoomProps>>;
}
