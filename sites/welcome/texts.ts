/** The texts of the page, in English and German. Words in brackets become a link. */
const catalogue = {
  language: ['en', 'de'],
  locale: ['en-GB', 'de-DE'],
  lead: [
    'Our notes and news. Read what is new, and leave us a line.',
    'Unsere Notizen und Neuigkeiten. Lesen Sie mit, und schreiben Sie uns ein paar Zeilen.',
  ],
  open: [
    'Everybody who opens this page can read what you write here.',
    'Alle, die diese Seite öffnen, können lesen, was Sie hier schreiben.',
  ],
  greeting: ['Welcome, {name}.', 'Willkommen, {name}.'],
  greetingSite: ['This is {name}, your own site.', 'Das ist {name}, Ihre eigene Website.'],
  access: [
    'Your site is running. Everybody who knows its address can read it and write here. Only you can manage it, and delete entries.',
    'Ihre Website läuft. Alle, die ihre Adresse kennen, können sie lesen und hier schreiben. Nur Sie können sie verwalten und Einträge löschen.',
  ],
  entries: ['Entries', 'Einträge'],
  newEntry: ['New entry', 'Neuer Eintrag'],
  hint: ['What is new?', 'Was gibt es Neues?'],
  save: ['Save', 'Speichern'],
  nothing: [
    'Nothing here yet. Say hello and write the first lines.',
    'Hier steht noch nichts. Sagen Sie Hallo und schreiben Sie die ersten Zeilen.',
  ],
  older: ['Show older entries', 'Ältere Einträge anzeigen'],
  edit: ['Edit', 'Bearbeiten'],
  remove: ['Delete', 'Löschen'],
  sample: ['Sample', 'Beispiel'],
  sample1: [
    'New this month: a workshop on Saturday mornings. Write here if you would like to come.',
    'Neu in diesem Monat: ein Workshop am Samstagvormittag. Schreiben Sie hier, wenn Sie kommen möchten.',
  ],
  sample2: [
    'Thank you for the quick repair! The old lamp is back on my desk, and it shines.',
    'Danke für die schnelle Reparatur! Die alte Lampe steht wieder auf meinem Tisch und leuchtet.',
  ],
  sample3: [
    'We are open Monday to Friday, 9 to 5. Ring the bell at the blue door.',
    'Wir sind Montag bis Freitag von 9 bis 17 Uhr da. Klingeln Sie an der blauen Tür.',
  ],
  aboutSamples: [
    'Only you see these three. They show what the page can look like.',
    'Nur Sie sehen diese drei. Sie zeigen, wie die Seite aussehen kann.',
  ],
  removeSamples: ['Remove samples', 'Beispiele entfernen'],
  notFound: ['There is no such page', 'Diese Seite gibt es nicht'],
  notFoundText: [
    'Check the address. The page may also have been deleted.',
    'Prüfen Sie die Adresse. Vielleicht wurde die Seite auch gelöscht.',
  ],
  toStart: ['To the start page of {name}', 'Zur Startseite von {name}'],
  about: ['About this site', 'Über diese Website'],
  plan: ['Plan', 'Tarif'],
  trialEnds: ['Trial ends', 'Ende der Testphase'],
  storage: ['Storage', 'Speicher'],
  features: ['Features', 'Funktionen'],
  none: ['none', 'keine'],
  'feature.entries': ['Entries of visitors', 'Einträge von Besuchern'],
  'feature.scorm': ['SCORM courses', 'SCORM-Kurse'],
  'feature.customDomain': ['Your own domains', 'Eigene Domains'],
  'feature.export': ['Export from the site', 'Export aus der Website'],
  'feature.environments': ['Environments', 'Umgebungen'],
  'feature.customCode': ['Custom code', 'Eigener Code'],
  unknown: [
    'The plan of this site is not shown here. Open the site at its own address.',
    'Der Tarif dieser Website wird hier nicht angezeigt. Öffnen Sie die Website unter ihrer eigenen Adresse.',
  ],
  courses: ['Courses', 'Kurse'],
  newCourse: ['New course: a SCORM 1.2 or 2004 package', 'Neuer Kurs: ein Paket in SCORM 1.2 oder 2004'],
  upload: ['Upload', 'Hochladen'],
  noCourses: [
    'Playing SCORM courses is not part of this site’s plan.',
    'SCORM-Kurse gehören nicht zum Tarif dieser Website.',
  ],
  inNoPlan: ['No other plan includes it.', 'Kein anderer Tarif enthält sie.'],
  inOnePlan: ['The plan {plans} includes it.', 'Der Tarif {plans} enthält sie.'],
  inPlans: ['The plans {plans} include it.', 'Die Tarife {plans} enthalten sie.'],
  kept: ['What you uploaded is kept until you delete it.', 'Was Sie hochgeladen haben, bleibt, bis Sie es löschen.'],
  notOwner: [
    'Is this your site? Open it from [the console] to write as its owner, and to edit and delete entries.',
    'Ist das Ihre Website? Öffnen Sie sie aus [der Konsole], um als Inhaber zu schreiben, zu ändern und zu löschen.',
  ],
  'banner.label': ['To the owner of this site', 'An den Inhaber dieser Website'],
  'banner.pay-why': ['A payment for this site is overdue.', 'Eine Zahlung für diese Website ist überfällig.'],
  'banner.pay': ['Its owner can pay in the console.', 'Der Inhaber kann in der Konsole bezahlen.'],
  'banner.pay-link': [
    'Is this your site? You can pay in the console',
    'Ist das Ihre Website? Bezahlen Sie in der Konsole',
  ],
  'banner.choose-why': [
    'The subscription of this site has ended or is paused.',
    'Das Abonnement dieser Website ist beendet oder pausiert.',
  ],
  'banner.choose': [
    'Its owner finds out in the console how to continue.',
    'Der Inhaber erfährt in der Konsole, wie es weitergeht.',
  ],
  'banner.choose-link': [
    'Is this your site? See in the console how to continue',
    'Ist das Ihre Website? In der Konsole steht, wie es weitergeht',
  ],
  'banner.until': [
    'It runs until {at}; after that it is suspended, and its data is kept.',
    'Sie läuft bis {at}. Danach wird sie angehalten; ihre Daten bleiben erhalten.',
  ],
} as const satisfies Readonly<Record<string, readonly [string, string]>>

type Key = keyof typeof catalogue

/** The texts in the first language of a browser that we have. @param accepted the field `Accept-Language`. */
export const textsFor = (accepted = '') => {
  const wanted = accepted.split(',').map((range) => range.trim().slice(0, 2).toLowerCase())
  const index = wanted.find((code) => code === 'de' || code === 'en') === 'de' ? 1 : 0
  return {
    t: (key: Key): string => catalogue[key][index],
    /** A text whose key is known at run time only. */
    find: (key: string): string | undefined => Object.entries(catalogue).find(([name]) => name === key)?.[1][index],
  }
}

export type Texts = ReturnType<typeof textsFor>
