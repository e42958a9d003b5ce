import { describe, expect, it } from 'vitest';
import { refuse } from './attachments';
import { kindOfFile } from './media';

const file = (name: string, type: string, size = 10) => ({ name, type, size });

describe('what may be attached', () => {
  it('knows each kind by its type, and models by their name', () => {
    const files = [file('a.png', 'image/png'), file('a.mp4', 'video/mp4'), file('a.mp3', 'audio/mpeg'), file('a.txt', 'text/plain'), file('a.GLB', '')];
    expect(files.map((one) => kindOfFile(one)?.icon)).toEqual(['photo', 'film', 'sound', 'file', 'cube']);
    expect(kindOfFile(file('a.zip', 'application/zip'))).toBeNull();
  });

  it('says what is wrong before a byte is sent', () => {
    expect(refuse(file('a.zip', 'application/zip'))?.code).toBe('not_media');
    expect(refuse(file('a.mp4', 'video/mp4', 0))?.code).toBe('empty_file');
    expect(refuse(file('a.png', 'image/png', 51 * 1024 * 1024))?.message).toContain('50 MB');
    expect(refuse(file('a.mp4', 'video/mp4', 51 * 1024 * 1024))).toBeNull();
    expect(refuse(file('a.mp4', 'video/mp4', 2049 * 1024 * 1024))?.message).toContain('2 GB');
  });
});
