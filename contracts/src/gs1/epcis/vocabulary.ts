// The standard values of CBV 2.0 §7 and of the GS1 Web Vocabulary that EPCIS fields take as bare words, and the URIs they
// stand for (the standard JSON-LD context).

const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/));

export const BIZ_STEPS =
  words(`accepting arriving assembling collecting commissioning consigning creating_class_instance
cycle_counting decommissioning departing destroying disassembling dispensing encoding entering_exiting holding inspecting
installing killing loading other packing picking receiving removing repackaging repairing replacing reserving retail_selling
shipping staging_outbound stock_taking stocking storing transporting unloading unpacking void_shipping sensor_reporting
sampling`);

export const DISPOSITIONS =
  words(`active container_closed damaged destroyed dispensed disposed encoded expired in_progress
in_transit inactive no_pedigree_match non_sellable_other partially_dispensed recalled reserved retail_sold returned
sellable_accessible sellable_not_accessible stolen unknown available completeness_verified completeness_inferred conformant
container_open mismatch_instance mismatch_class mismatch_quantity needs_replacement non_conformant unavailable`);

export const BIZ_TRANSACTION_TYPES = words(
  'bol cert desadv inv pedigree po poc prodorder recadv rma testprd testres upevt',
);

export const SOURCE_DEST_TYPES = words('owning_party possessing_party location');

export const ERROR_REASONS = words('did_not_occur incorrect_data');

export const COMPONENTS =
  words(`x y z axial_distance azimuth height spherical_radius polar_angle elevation_angle easting
northing latitude longitude altitude`);

export const SENSOR_ALERTS = words('ALARM_CONDITION ERROR_CONDITION');

export const MEASUREMENTS =
  words(`AbsoluteHumidity AbsorbedDose AbsorbedDoseRate Acceleration Radioactivity Altitude
AmountOfSubstance AmountOfSubstancePerUnitVolume Angle AngularAcceleration AngularMomentum AngularVelocity Area Capacitance
Conductance Conductivity Count Density Dimensionless DoseEquivalent DoseEquivalentRate DynamicViscosity ElectricCharge
ElectricCurrent ElectricCurrentDensity ElectricFieldStrength Energy Exposure Force Frequency Illuminance Inductance
Irradiance KinematicViscosity Length LinearMomentum Luminance LuminousFlux LuminousIntensity MagneticFlux
MagneticFluxDensity MagneticVectorPotential Mass MassConcentration MassFlowRate MassPerAreaTime MemoryCapacity
MolalityOfSolute MolarEnergy MolarMass MolarVolume Power Pressure RadiantFlux RadiantIntensity RelativeHumidity Resistance
Resistivity SolidAngle SpecificVolume Speed SurfaceDensity SurfaceTension Temperature Time Torque Voltage Volume
VolumeFlowRate VolumeFraction VolumetricFlux Wavenumber`);

interface Vocabulary {
  readonly words: ReadonlySet<string>;
  /** What a bare word is short for, without the word. */
  readonly uri: string;
}

const CBV = 'https://ref.gs1.org/cbv/';
const WEB = 'https://gs1.org/voc/';
const disposition: Vocabulary = { words: DISPOSITIONS, uri: `${CBV}Disp-` };
const party: Vocabulary = { words: SOURCE_DEST_TYPES, uri: `${CBV}SDT-` };
const REPORT = 'sensorElementList/sensorReport';

/** The vocabulary of each field that takes bare words, by its path in an event. */
export const VOCABULARIES: ReadonlyMap<string, Vocabulary> = new Map([
  ['bizStep', { words: BIZ_STEPS, uri: `${CBV}BizStep-` }],
  ['disposition', disposition],
  ['persistentDisposition/set', disposition],
  ['persistentDisposition/unset', disposition],
  ['bizTransactionList/type', { words: BIZ_TRANSACTION_TYPES, uri: `${CBV}BTT-` }],
  ['sourceList/type', party],
  ['destinationList/type', party],
  [`${REPORT}/type`, { words: MEASUREMENTS, uri: WEB }],
  [`${REPORT}/exception`, { words: SENSOR_ALERTS, uri: WEB }],
  [`${REPORT}/component`, { words: COMPONENTS, uri: `${CBV}Comp-` }],
  ['errorDeclaration/reason', { words: ERROR_REASONS, uri: `${CBV}ER-` }],
]);

/** The URI of a standard bare word in the field at `path`, undefined for anything else. */
export function standardValue(path: string, word: string): string | undefined {
  const vocabulary = VOCABULARIES.get(path);
  return vocabulary?.words.has(word) === true ? vocabulary.uri + word : undefined;
}
