/** What the features of plans are called, by their names in the configuration. */
export const features = {
  'feature.entries': ['Entries of visitors', 'Einträge von Besuchern'],
  'feature.scorm': ['SCORM courses', 'SCORM-Kurse'],
  'feature.customDomain': ['Your own domains', 'Eigene Domains'],
  'feature.export': ['Export from the site', 'Export aus der Website'],
  'feature.environments': ['Environments', 'Umgebungen'],
  'feature.customCode': ['Custom code', 'Eigener Code'],
} as const
