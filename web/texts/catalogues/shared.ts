import { ui } from './ui.ts'

/** The texts of the page that an owner shares. */
export const catalogue = {
  ...ui,
  title: ['A site of {brand}', 'Eine Website von {brand}'],
  lead: [
    'The owner of this site shares this page with you. It works until {at}.',
    'Der Inhaber dieser Website teilt diese Seite mit Ihnen. Sie ist bis {at} erreichbar.',
  ],
  'gone.title': ['This link does not work', 'Dieser Link funktioniert nicht'],
  'gone.text': [
    'It has expired or was revoked. Ask the person who sent it for another one.',
    'Er ist abgelaufen oder wurde widerrufen. Bitten Sie den Absender um einen neuen.',
  ],
  'facts.title': ['The site', 'Die Website'],
  'facts.address': ['Address', 'Adresse'],
  'facts.state': ['State', 'Zustand'],
  'facts.since': ['Since', 'Seit'],
  'facts.plan': ['Plan', 'Tarif'],
  'facts.trial': ['Trial ends', 'Testphase endet'],
  'price.title': ['Price', 'Preis'],
  'price.agreed': ['By agreement', 'Nach Vereinbarung'],
  'price.now': ['Plan {plan}', 'Tarif {plan}'],
  'price.after-trial': [
    'With the plan {plan}, after the free trial. Larger plans cost more.',
    'Mit dem Tarif {plan}, nach der kostenlosen Testphase. Größere Tarife kosten mehr.',
  ],
  'approve.act': ['Approve', 'Zustimmen'],
  'approve.hint': [
    'Tells the owner by e-mail that you agree. You buy nothing.',
    'Teilt dem Inhaber per E-Mail mit, dass Sie zustimmen. Sie kaufen nichts.',
  ],
  'approve.done': ['Thank you. The owner gets an e-mail.', 'Danke. Der Inhaber bekommt eine E-Mail.'],
  'security.title': ['Data and security', 'Daten und Sicherheit'],
  'security.location': ['Location of the data: {place}.', 'Ort der Daten: {place}.'],
  'security.https': ['Connections are encrypted (HTTPS).', 'Verbindungen sind verschlüsselt (HTTPS).'],
  'security.own': [
    'The site has its own data, apart from all other sites.',
    'Die Website hat eigene Daten, getrennt von allen anderen Websites.',
  ],
  'security.copies': [
    'The owner can download a verified copy of all data at any time.',
    'Der Inhaber kann jederzeit eine geprüfte Kopie aller Daten herunterladen.',
  ],
  'security.last-copy': [
    'The last verified copy of all data is from {at}. The owner can download it.',
    'Die letzte geprüfte Kopie aller Daten ist vom {at}. Der Inhaber kann sie herunterladen.',
  ],
  'price.month': ['{price} a month', '{price} im Monat'],
  'price.year': ['{price} a year', '{price} im Jahr'],
  'state.active': ['Awake', 'Aktiv'],
  'state.asleep': ['Asleep: it wakes on the next visit', 'Im Ruhezustand: der nächste Besuch weckt sie'],
  'state.suspended': ['Suspended', 'Angehalten'],
  'state.archived': ['Archived', 'Archiviert'],
  'use.title': ['Use in 30 days', 'Nutzung in 30 Tagen'],
  'use.requests': ['Requests', 'Anfragen'],
  'use.errors': ['Server errors', 'Serverfehler'],
  'use.visitors': ['Visitors on the busiest day', 'Besucher am stärksten Tag'],
  'use.last': ['Last used', 'Zuletzt genutzt'],
  'use.never': ['Not yet', 'Noch nicht'],
  'use.counting': ['Counted within an hour', 'Wird innerhalb einer Stunde gezählt'],
  'use.summary': ['Requests in 30 days: {requests}', 'Anfragen in 30 Tagen: {requests}'],
  'questions.text': [
    'Questions about plans and prices? Write to {contact}.',
    'Fragen zu Tarifen und Preisen? Schreiben Sie an {contact}.',
  ],
} as const
