/** A sleep that can be ended early, also by a call that came just before it began. */
export class Wakeable {
  #awake = false;
  #end: (() => void) | undefined;

  /** From here on calls of `wake` count for the next sleep. */
  reset(): void {
    this.#awake = false;
  }

  wake(): void {
    this.#awake = true;
    this.#end?.();
  }

  async sleep(ms: number): Promise<void> {
    if (this.#awake) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#end = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#end = undefined;
  }
}
