/** The words of a command line that are no options: what a command is about. */
export interface Word {
  readonly name: string;
  readonly description: string;
  /** May be left out; stands after those that may not. */
  readonly isOptional?: boolean;
  /** The last word of a command may be given several times. */
  readonly isMany?: boolean;
}

/** How a word stands in a line of usage. */
export const usageOf = ({ name, isOptional, isMany }: Word): string => {
  const shown = isMany ? `${name}…` : name;
  return isOptional ? `[${shown}]` : shown;
};
