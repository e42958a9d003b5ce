import type { Choice } from '../../api/types';
import { sendWords } from '../composer/send';
import { Prose } from '../../text/Prose';

interface Props {
  question: string;
  choices: Choice[];
  /** Only the last question can still be answered with its buttons. */
  open: boolean;
}

export function Clarification({ question, choices, open }: Props) {
  return (
    <div class="question">
      <Prose text={question} />
      {choices.length > 0 && (
        <div class="choices" role="group" aria-label="Choices">
          {choices.map(({ id, label }) => (
            <button key={id} type="button" class="button" disabled={!open} onClick={() => sendWords(label, { choice: id })}>{label}</button>
          ))}
        </div>
      )}
    </div>
  );
}
