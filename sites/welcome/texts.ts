/** A list such as "Growth and Enterprise". */
const listOf = (locale: string, names: readonly string[]): string =>
  new Intl.ListFormat(locale, { type: 'conjunction' }).format(names)

export const english = {
  language: 'en',
  locale: 'en-GB',
  lead: 'Our notes and news. Read what is new, and leave us a line.',
  open: 'Everybody who opens it can read what you write here.',
  greeting: (name: string) =>
    `Welcome, ${name}. Your site is running. Everybody who knows its address can read it and write here. Only you can manage it, and delete entries.`,
  entries: 'Entries',
  newEntry: 'New entry',
  hint: 'Write something to keep',
  save: 'Save',
  nothing: 'Nothing is written yet.',
  older: 'Show older entries',
  remove: 'Delete',
  sample: 'Sample',
  samples: [
    'We are open Monday to Friday, 9 to 5. Ring the bell at the blue door.',
    'Thank you for the quick repair! The old lamp is back on my desk, and it shines. Mira',
    'New this month: a workshop on Saturday mornings. Write here if you would like to come.',
  ],
  aboutSamples: 'These three show what the page can look like.',
  removeSamples: 'Remove samples',
  about: 'About this site',
  plan: 'Plan',
  trialEnds: 'Trial ends',
  storage: 'Storage',
  features: 'Features',
  none: 'none',
  featureNames: {
    entries: 'Entries of visitors',
    scorm: 'SCORM courses',
    customDomain: 'Your own domains',
    export: 'Export from the site',
    environments: 'Environments',
    customCode: 'Custom code',
  },
  unknown:
    'This request carries no valid entitlement, so nothing is known of the plan. Open the site through its own address.',
  courses: 'Courses',
  newCourse: 'New course: a SCORM 1.2 or 2004 package',
  upload: 'Upload',
  noCourses: 'Playing SCORM courses is not part of this site’s plan.',
  includedIn: (plans: readonly string[]) => {
    if (plans.length === 0) return 'No other plan includes it.'
    const all = listOf('en-GB', plans)
    return plans.length === 1 ? `The plan ${all} includes it.` : `The plans ${all} include it.`
  },
  kept: 'What you uploaded is kept until you delete it.',
  notOwner: 'Is this your site? Open it from [the console] to write as its owner, and to delete entries and courses.',
}

export type Texts = Omit<typeof english, 'featureNames'> & { readonly featureNames: Readonly<Record<string, string>> }

const german: Texts = {
  language: 'de',
  locale: 'de-DE',
  lead: 'Unsere Notizen und Neuigkeiten. Lesen Sie, was es Neues gibt, und schreiben Sie uns ein paar Zeilen.',
  open: 'Alle, die diese Seite öffnen, können lesen, was Sie hier schreiben.',
  greeting: (name) =>
    `Willkommen, ${name}. Ihre Website läuft. Alle, die ihre Adresse kennen, können sie lesen und hier schreiben. Nur Sie können sie verwalten und Einträge löschen.`,
  entries: 'Einträge',
  newEntry: 'Neuer Eintrag',
  hint: 'Schreiben Sie etwas, das bleibt',
  save: 'Speichern',
  nothing: 'Noch steht hier nichts.',
  older: 'Ältere Einträge anzeigen',
  remove: 'Löschen',
  sample: 'Beispiel',
  samples: [
    'Wir sind Montag bis Freitag von 9 bis 17 Uhr da. Klingeln Sie an der blauen Tür.',
    'Danke für die schnelle Reparatur! Die alte Lampe steht wieder auf meinem Tisch und leuchtet. Mira',
    'Neu in diesem Monat: eine Werkstatt am Samstagvormittag. Schreiben Sie hier, wenn Sie kommen möchten.',
  ],
  aboutSamples: 'Diese drei zeigen, wie die Seite aussehen kann.',
  removeSamples: 'Beispiele entfernen',
  about: 'Über diese Website',
  plan: 'Tarif',
  trialEnds: 'Ende der Testphase',
  storage: 'Speicher',
  features: 'Funktionen',
  none: 'keine',
  featureNames: {
    entries: 'Einträge von Besuchern',
    scorm: 'SCORM-Kurse',
    customDomain: 'Eigene Domains',
    export: 'Export aus der Website',
    environments: 'Umgebungen',
    customCode: 'Eigener Code',
  },
  unknown:
    'Diese Anfrage hat keine gültige Berechtigung, daher ist über den Tarif nichts bekannt. Öffnen Sie die Website unter ihrer eigenen Adresse.',
  courses: 'Kurse',
  newCourse: 'Neuer Kurs: ein Paket in SCORM 1.2 oder 2004',
  upload: 'Hochladen',
  noCourses: 'SCORM-Kurse gehören nicht zum Tarif dieser Website.',
  includedIn: (plans) => {
    if (plans.length === 0) return 'Kein anderer Tarif enthält sie.'
    const all = listOf('de-DE', plans)
    return plans.length === 1 ? `Der Tarif ${all} enthält sie.` : `Die Tarife ${all} enthalten sie.`
  },
  kept: 'Was Sie hochgeladen haben, bleibt, bis Sie es löschen.',
  notOwner:
    'Ist das Ihre Website? Öffnen Sie sie aus [der Konsole], um als Inhaber zu schreiben und Einträge und Kurse zu löschen.',
}

/** The texts in the first language of a browser that we have. @param accepted the field `Accept-Language`. */
export const textsFor = (accepted = ''): Texts => {
  const wanted = accepted.split(',').map((range) => range.trim().slice(0, 2).toLowerCase())
  return wanted.find((code) => code === 'de' || code === 'en') === 'de' ? german : english
}
