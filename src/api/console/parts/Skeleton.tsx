/** What is shown while the first answer is on its way. */
export function Skeleton({ label, lines = 4 }: { readonly label: string; readonly lines?: number }) {
  return (
    <div class="skeleton" role="status" aria-busy="true">
      <span class="unseen">Loading {label}</span>
      {Array.from({ length: lines }, (_, line) => (
        <i key={line} />
      ))}
    </div>
  );
}
