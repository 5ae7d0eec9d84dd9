/** What a layout is asked, and what it answers: apart from what computes it, which pages load only where there is no worker. */

export interface LayoutNode {
  readonly id: string;
  readonly kind: 'user' | 'recommended' | 'interacted' | 'between' | 'near';
  /** Radius as it is drawn, px: circles keep clear of each other. */
  readonly size: number;
  /** Where it stood already. */
  readonly at?: Point | undefined;
}
export interface Point {
  readonly x: number;
  readonly y: number;
}
export interface LayoutTask {
  readonly nodes: readonly LayoutNode[];
  readonly edges: readonly { readonly source: string; readonly target: string; readonly weight: number }[];
}
export type Positions = ReadonlyMap<string, Point>;
