import { createRef } from 'preact';

/** The one hidden file input; examples open it too. */
export const filePicker = createRef<HTMLInputElement>();

export const pickFiles = (): void => filePicker.current?.click();
