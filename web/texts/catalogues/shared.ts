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
  'facts.price': ['Price', 'Preis'],
  'facts.location': ['Place of the data', 'Ort der Daten'],
  'facts.copy': ['Last copy to download', 'Letzte Kopie zum Herunterladen'],
  'facts.none': ['None yet', 'Noch keine'],
  'price.month': ['{price} a month', '{price} im Monat'],
  'price.year': ['{price} a year', '{price} im Jahr'],
  'state.active': ['Awake', 'Aktiv'],
  'state.asleep': ['Asleep: it wakes on the next visit', 'Im Ruhezustand: der nächste Besuch weckt sie'],
  'state.suspended': ['Suspended', 'Ausgesetzt'],
  'state.archived': ['Archived', 'Archiviert'],
  'use.title': ['Use in 30 days', 'Nutzung in 30 Tagen'],
  'use.requests': ['Requests', 'Anfragen'],
  'use.errors': ['Server errors', 'Serverfehler'],
  'use.visitors': ['Visitors on the busiest day', 'Besucher am stärksten Tag'],
  'use.last': ['Last used', 'Zuletzt genutzt'],
  'use.never': ['Not yet', 'Noch nicht'],
  'use.counting': ['Counted within an hour', 'Wird innerhalb einer Stunde gezählt'],
  'use.summary': ['{requests} requests in 30 days', '{requests} Anfragen in 30 Tagen'],
  'questions.text': [
    'Questions about plans and prices? Write to {contact}.',
    'Fragen zu Tarifen und Preisen? Schreiben Sie an {contact}.',
  ],
} as const
