import { relocation } from './relocation.ts'

/** Texts of a planned change of a site, as its owner sees it. */
export const ownerRelocation = {
  ...relocation,
  'relocation.title': ['A change of your site is planned', 'Eine Änderung Ihrer Website ist geplant'],
  'relocation.lead': [
    'We have tried it on a copy of your data. It happens only if you accept it.',
    'Wir haben sie an einer Kopie Ihrer Daten erprobt. Sie findet nur statt, wenn Sie zustimmen.',
  ],
  'relocation.about': ['about {time} within the window', 'etwa {time} innerhalb des Zeitfensters'],
  'relocation.stays': [
    'Your address, your data, your people and your copies stay. If a check fails, your site goes back by itself. Until the change you cannot change the plan yourself.',
    'Ihre Adresse, Ihre Daten, Ihre Leute und Ihre Kopien bleiben. Schlägt eine Prüfung fehl, kehrt Ihre Website von selbst zurück. Bis zur Änderung können Sie den Tarif nicht selbst ändern.',
  ],
  'relocation.accept': ['Accept', 'Zustimmen'],
  'relocation.done': ['You have accepted the change.', 'Sie haben der Änderung zugestimmt.'],
  'relocation.changed': [
    'The plan has changed meanwhile, its time has passed, or it is not possible at the moment. Please read it again, or write to us.',
    'Der Plan hat sich inzwischen geändert, seine Zeit ist vorbei, oder er ist gerade nicht möglich. Bitte lesen Sie ihn noch einmal, oder schreiben Sie uns.',
  ],
  'relocation.accepted': [
    'The change of your site is agreed. Window: {local} ({zone}), {utc} (UTC).',
    'Die Änderung Ihrer Website ist vereinbart. Zeitfenster: {local} ({zone}), {utc} (UTC).',
  ],
  'relocation.switched': [
    'Your site runs as agreed. Until {at} we can go back.',
    'Ihre Website läuft wie vereinbart. Bis {at} können wir zurück.',
  ],
} as const
