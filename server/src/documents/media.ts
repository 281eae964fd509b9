// How a file may be shown. A browser shows only what is by its first bytes a PDF, PNG or JPEG; everything else it saves.

const INLINE: readonly { readonly mime: string; readonly magic: readonly number[] }[] = [
  { mime: 'application/pdf', magic: [0x25, 0x50, 0x44, 0x46, 0x2d] },
  { mime: 'image/png', magic: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] },
  { mime: 'image/jpeg', magic: [0xff, 0xd8, 0xff] },
];

const EXTENSIONS: Readonly<Record<string, string>> = {
  'application/pdf': 'pdf',
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'text/plain': 'txt',
  'text/csv': 'csv',
  'application/json': 'json',
};

/** The headers that go with a file of the recorded `mime`. No script of it can run, no page can frame it. */
export function documentHeaders(
  hash: string,
  mime: string,
  head: Uint8Array,
): Readonly<Record<string, string>> {
  const shown = INLINE.find(
    (kind) => kind.mime === mime && kind.magic.every((byte, i) => head[i] === byte),
  );
  const name = `${hash.slice(0, 16)}.${EXTENSIONS[mime] ?? 'bin'}`;
  return {
    'content-type': shown?.mime ?? 'application/octet-stream',
    'content-disposition': `${shown === undefined ? 'attachment' : 'inline'}; filename="${name}"`,
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
    'x-content-type-options': 'nosniff',
    'accept-ranges': 'none',
    // Not in shared caches: a regulator may shield it.
    'cache-control': 'private, max-age=31536000, immutable',
    etag: `"${hash}"`,
  };
}
