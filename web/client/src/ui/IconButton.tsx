import { Icon, type IconName } from './Icon';

interface Props {
  icon: IconName;
  label: string;
  onClick: (event: MouseEvent) => void;
  pressed?: boolean;
  disabled?: boolean;
  flip?: boolean;
  class?: string;
}

/** A button that is only a drawing: its label is its tooltip and its accessible name. */
export function IconButton({ icon, label, onClick, pressed, disabled, flip, class: extra }: Props) {
  return (
    <button
      type="button"
      class={extra ? `icon-button ${extra}` : 'icon-button'}
      title={label}
      aria-label={label}
      aria-pressed={pressed}
      disabled={disabled}
      onClick={onClick}
    >
      <Icon name={icon} flip={flip ?? false} />
    </button>
  );
}
