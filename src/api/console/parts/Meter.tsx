/** A share of something, as a bar beside its figure. */
import { share } from '../format.ts';

export function Meter({ value }: { /** 0 to 1. */ readonly value: number }) {
  return (
    <span class="meter">
      <svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
        <rect width={Math.min(1, Math.max(0, value)) * 100} height="8" />
      </svg>
      {share(value)}
    </span>
  );
}
