/** Switches of the fault injection; set through the admin port only. */
export class Faults {
  #lostAccepts = 0;
  #duplicatedUpdates = 0;
  heartbeatsHeld = false;

  /** The next `count` ACCEPT calls are answered 202 and then forgotten. */
  loseAccepts(count: number): void {
    this.#lostAccepts = count;
  }

  duplicateUpdates(count: number): void {
    this.#duplicatedUpdates = count;
  }

  takeLostAccept(): boolean {
    if (this.#lostAccepts === 0) return false;
    this.#lostAccepts -= 1;
    return true;
  }

  takeDuplicatedUpdate(): boolean {
    if (this.#duplicatedUpdates === 0) return false;
    this.#duplicatedUpdates -= 1;
    return true;
  }
}
