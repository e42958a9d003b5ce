import type { StreamEvent } from '../../api/types';
import { intentLine } from '../turn/intent';
import type { TurnView } from './view';

/** Milestones that a screen reader hears; finer progress is only seen. */
const MILESTONES = [0.25, 0.5, 0.75];

/** The sentence for an event, or null; `before` is the turn as it was until then. */
export function announcement(event: StreamEvent, before: TurnView | null): string | null {
  switch (event.type) {
    case 'intent': {
      const line = intentLine(event.intents);
      return line ? `Understood: ${line.verb}${line.summary ? `, ${line.summary}` : ''}` : null;
    }
    case 'clarification':
      return `Question: ${event.question}`;
    case 'run.awaiting_confirmation':
      return 'The plan waits for your confirmation';
    case 'run.queued':
      if (event.message) return event.message;
      return event.place && event.place > 1 ? `Waiting in the queue, place ${event.place}` : null;
    case 'run.progress':
      return milestone(before?.run?.progress?.fraction ?? 0, event.fraction);
    case 'run.output':
      return `Picture ${event.handle} ready`;
    case 'run.failed':
      return `Failed: ${event.message}`;
    case 'run.cancelled':
      return 'Cancelled';
    default:
      return null;
  }
}

function milestone(before: number, now: number): string | null {
  const passed = MILESTONES.filter((mark) => before < mark && now >= mark).pop();
  return passed === undefined ? null : `Rendering ${passed * 100} %`;
}
