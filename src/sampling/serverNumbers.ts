/** Numbers below this are looked up in an array, which every edge is faster for: Neo4j counts its nodes from 0. */
const mostInArray = 1 << 26;

/** Our number of a node, by the server's. */
export class ServerNumbers {
  #array = new Int32Array(1024); // the number + 1, or 0
  readonly #others = new Map<number, number>();

  set(node: number, number: number): void {
    if (node >= mostInArray) {
      this.#others.set(node, number);
      return;
    }
    if (node >= this.#array.length) {
      const grown = new Int32Array(Math.max(node + 1, this.#array.length * 2));
      grown.set(this.#array);
      this.#array = grown;
    }
    this.#array[node] = number + 1;
  }

  get(node: number): number | undefined {
    if (node >= mostInArray) return this.#others.get(node);
    const known = this.#array[node];
    return known ? known - 1 : undefined;
  }
}
