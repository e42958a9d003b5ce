import { describe, expect, it } from 'vitest';
import { refuse } from './attachments';
import { kindOfFile, looksLikeText } from './media';

const file = (name: string, type: string, size = 10) => ({ name, type, size });

describe('what may be attached', () => {
  it('knows each kind by its type, and models by their name', () => {
    const files = [file('a.png', 'image/png'), file('a.mp4', 'video/mp4'), file('a.mp3', 'audio/mpeg'), file('a.txt', 'text/plain'), file('a.GLB', '')];
    expect(files.map((one) => kindOfFile(one)?.icon)).toEqual(['photo', 'film', 'sound', 'file', 'cube']);
    expect(kindOfFile(file('a.zip', 'application/zip'))).toBeNull();
  });

  it('knows words by their bytes, whatever their name', () => {
    const words = (text: string) => new TextEncoder().encode(text);
    expect([words('no picture at all\n'), words('é').slice(0, 1), words('')].map(looksLikeText)).toEqual([true, true, false]);
    expect(looksLikeText(new Uint8Array([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]))).toBe(false);
    expect(looksLikeText(new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 0, 16]))).toBe(false);
  });

  it('says what is wrong before a byte is sent', () => {
    expect(refuse(file('a.zip', 'application/zip'))?.code).toBe('not_media');
    expect(refuse(file('a.mp4', 'video/mp4', 0))?.code).toBe('empty_file');
    expect(refuse(file('a.png', 'image/png', 51 * 1024 * 1024))?.message).toContain('50 MB');
    expect(refuse(file('a.mp4', 'video/mp4', 51 * 1024 * 1024))).toBeNull();
    expect(refuse(file('a.mp4', 'video/mp4', 2049 * 1024 * 1024))?.message).toContain('2 GB');
  });
});
