import { AppError } from '@suyuan/contracts';
import { describe, expect, it } from 'vitest';
import { createBundleService } from './service.ts';

/** Assembles when it is told to, and counts how often it was asked. */
function createAssembler() {
  const open: { readonly gtin: string; readonly finish: (size_bytes: number) => void }[] = [];
  let asked = 0;
  let height = 1;
  const service = createBundleService({
    height: () => height,
    assemble: ({ gtin }) => {
      asked += 1;
      return new Promise((resolve, reject) => {
        const finish = (size_bytes: number) =>
          size_bytes < 0
            ? reject(new AppError('test/failed', 'no'))
            : resolve(new Uint8Array(size_bytes));
        open.push({ gtin, finish });
      });
    },
  });
  return {
    service,
    open,
    asked: () => asked,
    grow: () => {
      height += 1;
    },
  };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('createBundleService', () => {
  it('works the same question out once, at the same height', async () => {
    const { service, open, asked, grow } = createAssembler();
    const answers = [service.get({ gtin: 'a' }), service.get({ gtin: 'a' })];
    open[0]?.finish(3);
    const [first, second] = await Promise.all(answers);
    expect(first).toBe(second);
    expect(await service.get({ gtin: 'a' })).toBe(first);
    expect(asked()).toBe(1);
    grow();
    const later = service.get({ gtin: 'a' });
    open[1]?.finish(4);
    expect(await later).toHaveLength(4);
    expect(asked()).toBe(2);
  });

  it('tells a lot from a unit of another name', async () => {
    const { service, asked } = createAssembler();
    void service.get({ gtin: 'a', lot: '1' });
    void service.get({ gtin: 'a', serial: '1' });
    void service.get({ gtin: 'a', lot: '1', serial: '1' });
    expect(asked()).toBe(3);
  });

  it('forgets a failure', async () => {
    const { service, open, asked } = createAssembler();
    const failing = service.get({ gtin: 'a' });
    open[0]?.finish(-1);
    await expect(failing).rejects.toMatchObject({ code: 'test/failed' });
    const again = service.get({ gtin: 'a' });
    open[1]?.finish(1);
    expect(await again).toHaveLength(1);
    expect(asked()).toBe(2);
  });

  it('works on four at a time, queues the rest and turns away what is too much', async () => {
    const { service, open } = createAssembler();
    const all = Array.from({ length: 4 + 64 }, (_, n) => service.get({ gtin: `g${n}` }));
    expect(open).toHaveLength(4);
    await expect(service.get({ gtin: 'one more' })).rejects.toMatchObject({ code: 'http/busy' });
    for (let done = 0; done < all.length; done += 1) {
      expect(open.length - done).toBeLessThanOrEqual(4);
      open[done]?.finish(1);
      await turn();
    }
    expect(await Promise.all(all)).toHaveLength(68);
    const after = service.get({ gtin: 'after' });
    open.at(-1)?.finish(1);
    expect(await after).toHaveLength(1);
  });

  it('keeps no more than its memory', async () => {
    const { service, open, asked } = createAssembler();
    for (const gtin of ['a', 'b', 'c']) {
      const answer = service.get({ gtin });
      open.at(-1)?.finish(24 * 1024 * 1024);
      await answer;
    }
    await service.get({ gtin: 'c' });
    expect(asked()).toBe(3);
    const again = service.get({ gtin: 'a' });
    expect(asked()).toBe(4);
    open.at(-1)?.finish(1);
    await again;
  });
});
