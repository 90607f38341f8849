/**
 * Calls back. A fault of the one called must crash as the bug it is, and not be taken for a fault of the connection or
 * the reading that it was called from.
 */
export function tell<T>(callback: (value: T) => void, value: T): void {
  try {
    callback(value);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
