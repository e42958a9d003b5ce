import type { ComponentChildren } from 'preact';

interface Props {
  aspect: number;
  waiting?: boolean;
  preview?: string | null;
  children?: ComponentChildren;
}

/** A picture's place. Its shape never changes while what is in it does: shimmer, preview, picture. */
export function Frame({ aspect, waiting, preview, children }: Props) {
  return (
    <div class={waiting ? 'frame frame-waiting' : 'frame'} style={{ '--aspect': String(aspect) }}>
      {preview && <img class="frame-preview" src={preview} alt="" />}
      {children}
    </div>
  );
}
