export { type WriteZipOptions, writeZip, type ZipPart, type ZipPartDigest } from './write-zip.ts';
