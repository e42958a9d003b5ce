import './welcome.css';
import { Icon, type IconName } from '../../ui/Icon';
import { prefill } from '../composer/draft';
import { pickFiles } from '../composer/picker';
import { sendWords } from '../composer/send';
import { Horizon } from './Horizon';

interface Example {
  icon: IconName;
  topic: string;
  words: string;
  /** It is about a picture of one's own: choose that first, then send. */
  needsPicture?: boolean;
}

const EXAMPLES: Example[] = [
  { icon: 'spark', topic: 'Create', words: 'Generate a cyberpunk cityscape at night' },
  { icon: 'spark', topic: 'Create', words: 'A misty pine forest at dawn, wide, painted in gouache' },
  { icon: 'photo', topic: 'Edit a photo', words: 'Make this black and white and crop it square', needsPicture: true },
  { icon: 'photo', topic: 'Enlarge a photo', words: 'Upscale this 2x and sharpen it a little', needsPicture: true },
  { icon: 'question', topic: 'Discover', words: 'What can I do with an image?' },
  { icon: 'coin', topic: 'Ask the price', words: 'How much does a portrait at sunset cost?' },
];

/** The empty page: what this is, and six ways to begin. */
export function Welcome() {
  return (
    <section class="welcome" aria-labelledby="welcome-title">
      <Horizon />
      <h1 id="welcome-title">What shall we make?</h1>
      <p class="welcome-words">
        Describe a picture, or bring one. Every result gets a name, so that “make A1 more vibrant” carries on from there.
      </p>
      <ul class="examples">
        {EXAMPLES.map((example) => (
          <li key={example.words}>
            <button type="button" onClick={() => begin(example)}>
              <span class="example-topic"><Icon name={example.icon} />{example.topic}</span>
              <span class="example-words">{example.words}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function begin(example: Example): void {
  if (!example.needsPicture) return sendWords(example.words);
  prefill(example.words);
  pickFiles();
}
