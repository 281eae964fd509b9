// The five event kinds of EPCIS 2.0 in JSON (GS1 EPCIS 2.0 §7.4, §10; field names as in the official JSON Schema). Members
// with a colon in their name are extensions of a user; a checked event has no other members than these.

/** A value of an extension, or anything else that JSON can hold. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue };

export interface EpcisQuantity {
  /** A class of things: GTIN, GTIN with lot, as Digital Link or EPC URN. */
  readonly epcClass: string;
  readonly quantity?: number;
  /** UN/CEFACT Rec 20 code, for example `KGM`; absent for counts. */
  readonly uom?: string;
}

export interface EpcisPlace {
  readonly id: string;
  readonly [extension: string]: JsonValue;
}

export interface EpcisBizTransaction {
  readonly type?: string;
  readonly bizTransaction: string;
}

export interface EpcisSource {
  readonly type: string;
  readonly source: string;
}

export interface EpcisDestination {
  readonly type: string;
  readonly destination: string;
}

export interface EpcisPersistentDisposition {
  readonly set?: readonly string[];
  readonly unset?: readonly string[];
}

export interface EpcisErrorDeclaration {
  readonly declarationTime: string;
  readonly reason?: string;
  readonly correctiveEventIDs?: readonly string[];
  readonly [extension: `${string}:${string}`]: JsonValue;
}

export interface EpcisSensorMetadata {
  readonly time?: string;
  readonly startTime?: string;
  readonly endTime?: string;
  readonly deviceID?: string;
  readonly deviceMetadata?: string;
  readonly rawData?: string;
  readonly dataProcessingMethod?: string;
  readonly bizRules?: string;
  readonly [extension: `${string}:${string}`]: JsonValue;
}

export interface EpcisSensorReport {
  readonly type: string;
  readonly exception?: string;
  readonly deviceID?: string;
  readonly deviceMetadata?: string;
  readonly rawData?: string;
  readonly dataProcessingMethod?: string;
  readonly bizRules?: string;
  readonly time?: string;
  readonly microorganism?: string;
  readonly chemicalSubstance?: string;
  readonly coordinateReferenceSystem?: string;
  readonly component?: string;
  readonly value?: number;
  readonly stringValue?: string;
  readonly booleanValue?: boolean;
  readonly hexBinaryValue?: string;
  readonly uriValue?: string;
  readonly minValue?: number;
  readonly maxValue?: number;
  readonly meanValue?: number;
  readonly sDev?: number;
  readonly percRank?: number;
  readonly percValue?: number;
  readonly uom?: string;
  readonly [extension: `${string}:${string}`]: JsonValue;
}

export interface EpcisSensorElement {
  readonly sensorMetadata?: EpcisSensorMetadata;
  readonly sensorReport: readonly EpcisSensorReport[];
  readonly [extension: `${string}:${string}`]: JsonValue;
}

export type EpcisAction = 'ADD' | 'OBSERVE' | 'DELETE';

interface EventCommon {
  readonly '@context'?: JsonValue;
  readonly eventID?: string;
  readonly eventTime: string;
  /** `±hh:mm` */
  readonly eventTimeZoneOffset: string;
  readonly recordTime?: string;
  readonly errorDeclaration?: EpcisErrorDeclaration;
  readonly certificationInfo?: string | readonly string[];
  readonly bizStep?: string;
  readonly disposition?: string;
  readonly readPoint?: EpcisPlace;
  readonly bizLocation?: EpcisPlace;
  readonly bizTransactionList?: readonly EpcisBizTransaction[];
  readonly sourceList?: readonly EpcisSource[];
  readonly destinationList?: readonly EpcisDestination[];
  readonly sensorElementList?: readonly EpcisSensorElement[];
  readonly [extension: `${string}:${string}`]: JsonValue;
}

/** Instance or lot master data: extension members only. */
export interface EpcisIlmd {
  readonly [extension: `${string}:${string}`]: JsonValue;
}

export interface ObjectEvent extends EventCommon {
  readonly type: 'ObjectEvent';
  readonly action: EpcisAction;
  readonly epcList?: readonly string[];
  readonly quantityList?: readonly EpcisQuantity[];
  readonly persistentDisposition?: EpcisPersistentDisposition;
  readonly ilmd?: EpcisIlmd;
}

export interface AggregationEvent extends EventCommon {
  readonly type: 'AggregationEvent';
  readonly action: EpcisAction;
  readonly parentID?: string;
  readonly childEPCs?: readonly string[];
  readonly childQuantityList?: readonly EpcisQuantity[];
}

export interface AssociationEvent extends EventCommon {
  readonly type: 'AssociationEvent';
  readonly action: EpcisAction;
  readonly parentID: string;
  readonly childEPCs?: readonly string[];
  readonly childQuantityList?: readonly EpcisQuantity[];
}

export interface TransactionEvent extends EventCommon {
  readonly type: 'TransactionEvent';
  readonly action: EpcisAction;
  readonly parentID?: string;
  readonly epcList?: readonly string[];
  readonly quantityList?: readonly EpcisQuantity[];
}

export interface TransformationEvent extends EventCommon {
  readonly type: 'TransformationEvent';
  readonly inputEPCList?: readonly string[];
  readonly inputQuantityList?: readonly EpcisQuantity[];
  readonly outputEPCList?: readonly string[];
  readonly outputQuantityList?: readonly EpcisQuantity[];
  readonly transformationID?: string;
  readonly persistentDisposition?: EpcisPersistentDisposition;
  readonly ilmd?: EpcisIlmd;
}

/** An event whose type is a URI of a user (§7.4, extension events): only the common fields are checked. */
export interface ExtendedEvent extends EventCommon {
  readonly type: `${string}:${string}`;
}

export type EpcisEvent =
  | ObjectEvent
  | AggregationEvent
  | AssociationEvent
  | TransactionEvent
  | TransformationEvent
  | ExtendedEvent;

/** What a field looks like that is wrong: an RFC 6901 pointer from the event or document, and words. */
export interface EpcisProblem {
  readonly path: string;
  readonly message: string;
}

/** What the `@context` of a document or event says about names. */
export interface EpcisContext {
  /** Prefix of a compact name → the URI that it stands for. */
  readonly prefixes: ReadonlyMap<string, string>;
  /** Names of extensions that are left out of the hash (a document's `…:ignoreFields`), as full URIs. */
  readonly ignored: ReadonlySet<string>;
}
