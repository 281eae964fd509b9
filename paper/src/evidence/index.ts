export { type EvidenceDocument, type EvidenceInput, writeEvidencePdf } from './write-evidence.ts';
