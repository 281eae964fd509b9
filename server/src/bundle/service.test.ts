import { AppError, type BlockNotice } from '@suyuan/contracts';
import { describe, expect, it } from 'vitest';
import { createBundleService } from './service.ts';

/** Assembles when it is told to, and counts how often it was asked. Each bundle shows one key, `lots/{gtin}`, and the anchors. */
function createAssembler() {
  const open: { readonly gtin: string; readonly finish: (size_bytes: number) => void }[] = [];
  let asked = 0;
  let height = 1;
  let now_ms = 0;
  let tell: (notice: BlockNotice) => void = () => {};
  const service = createBundleService({
    height: () => height,
    elapsed_ms: () => now_ms,
    subscribe(listener) {
      tell = listener;
      return () => {
        tell = () => {};
      };
    },
    assemble: ({ gtin }) => {
      asked += 1;
      return new Promise((resolve, reject) => {
        const keys = [`lots/${gtin}`, 'anchors/gateway'];
        const finish = (size_bytes: number) =>
          size_bytes < 0
            ? reject(new AppError('test/failed', 'no'))
            : resolve({ bytes: new Uint8Array(size_bytes), keys });
        open.push({ gtin, finish });
      });
    },
  });
  return {
    service,
    open,
    asked: () => asked,
    pass(by_ms: number) {
      now_ms += by_ms;
    },
    block(...changedKeys: string[]) {
      height += 1;
      tell({ height, time_ms: height, changedKeys });
    },
  };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('createBundleService', () => {
  it('works the same question out once, until something that it shows changes', async () => {
    const { service, open, asked, block } = createAssembler();
    const answers = [service.get({ gtin: 'a' }), service.get({ gtin: 'a' })];
    open[0]?.finish(3);
    const [first, second] = await Promise.all(answers);
    expect(first).toBe(second);
    block('lots/b', 'anchors/gateway');
    expect(await service.get({ gtin: 'a' })).toBe(first);
    expect(asked()).toBe(1);
    block('lots/b', 'lots/a');
    const later = service.get({ gtin: 'a' });
    open[1]?.finish(4);
    expect(await later).toHaveLength(4);
    expect(asked()).toBe(2);
  });

  it('gives nothing that is ten seconds old', async () => {
    const { service, open, asked, pass } = createAssembler();
    const first = service.get({ gtin: 'a' });
    pass(4_000);
    open[0]?.finish(3);
    await first;
    pass(5_999);
    expect(await service.get({ gtin: 'a' })).toHaveLength(3);
    pass(1);
    const again = service.get({ gtin: 'a' });
    open[1]?.finish(4);
    expect(await again).toHaveLength(4);
    expect(asked()).toBe(2);
  });

  it('keeps nothing that changed while it was made, and does not give it to who asks afterwards', async () => {
    const { service, open, asked, block } = createAssembler();
    const first = service.get({ gtin: 'a' });
    block('lots/a');
    const second = service.get({ gtin: 'a' });
    expect(asked()).toBe(2);
    open[0]?.finish(3);
    expect(await first).toHaveLength(3);
    const third = service.get({ gtin: 'a' });
    open[1]?.finish(4);
    expect((await Promise.all([second, third])).map((b) => b.length)).toEqual([4, 4]);
    expect(await service.get({ gtin: 'a' })).toHaveLength(4);
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
