/** Asks before what cannot be taken back: a dialog of the browser's own, which keeps the keyboard and ends with Escape. */
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { ErrorPanel } from './ErrorPanel.tsx';

export interface ConfirmProps {
  readonly title: string;
  readonly children: ComponentChildren;
  /** Of the button that does it. */
  readonly action: string;
  readonly danger?: boolean;
  /** The dialog stays, with what went wrong, where it throws. */
  readonly onConfirm: () => Promise<void>;
  readonly onClose: () => void;
}

export function Confirm({ title, children, action, danger = false, onConfirm, onClose }: ConfirmProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  const [doing, setDoing] = useState(false);
  const [error, setError] = useState<unknown>();
  useEffect(() => dialog.current!.showModal(), []);
  const confirm = async (event: Event) => {
    event.preventDefault();
    setDoing(true);
    try {
      await onConfirm();
      dialog.current?.close();
    } catch (thrown) {
      setError(thrown);
      setDoing(false);
    }
  };
  return (
    <dialog ref={dialog} aria-labelledby={id} onClose={onClose}>
      <form onSubmit={(event) => void confirm(event)}>
        <h2 id={id}>{title}</h2>
        {children}
        {error !== undefined && <ErrorPanel error={error} />}
        <div class="row end">
          <button type="button" class="button" onClick={() => dialog.current!.close()}>
            Cancel
          </button>
          <button type="submit" class={`button ${danger ? 'danger' : 'primary'}`} disabled={doing}>
            {doing ? 'One moment …' : action}
          </button>
        </div>
      </form>
    </dialog>
  );
}
