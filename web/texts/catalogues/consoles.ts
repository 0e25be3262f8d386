/** What owners and operators both read: features of plans, by their names in the configuration, relocations, and what the API refuses. */
export const consoles = {
  'feature.entries': ['Entries of visitors', 'Einträge von Besuchern'],
  'feature.scorm': ['SCORM courses', 'SCORM-Kurse'],
  'feature.customDomain': ['Your own domains', 'Eigene Domains'],
  'feature.export': ['Export from the site', 'Export aus der Website'],
  'feature.environments': ['Environments', 'Umgebungen'],
  'feature.customCode': ['Custom code', 'Eigener Code'],
  'relocation.contract': ['Contract', 'Vertrag'],
  'relocation.contract-of': ['{number}, {first} to {last}', '{number}, {first} bis {last}'],
  'relocation.window': ['Window ({zone})', 'Zeitfenster ({zone})'],
  'relocation.interruption': ['Interruption', 'Unterbrechung'],
  'problem.forbidden': ['Your role does not permit this.', 'Ihre Rolle erlaubt das nicht.'],
  'problem.not-found': ['This does not exist.', 'Das gibt es nicht.'],
  'problem.invalid-request': ['Check what you typed.', 'Prüfen Sie Ihre Eingabe.'],
} as const
