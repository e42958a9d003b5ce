import './loras.css';
import { promptPieces } from './words';

/** A prompt whose LoRA tags are chips. */
export function Prompt({ text }: { text: string }) {
  return <>{promptPieces(text).map((piece, index) => (piece.lora ? <span class="lora-tag" key={index} title="LoRA">{piece.text}</span> : piece.text))}</>;
}
