/** Texts of the components that all pages share. */
export const ui = {
  'frame.terms': ['Terms', 'AGB'],
  'frame.privacy': ['Privacy', 'Datenschutz'],
  'frame.imprint': ['Legal notice', 'Impressum'],
  'frame.contact': ['Contact', 'Kontakt'],
  'frame.language': ['Deutsch', 'English'],
  'frame.skip': ['Skip to content', 'Zum Inhalt'],
  'frame.sign-out': ['Sign out', 'Abmelden'],
  'copy.copy': ['Copy', 'Kopieren'],
  'copy.copied': ['Copied', 'Kopiert'],
  'copy.selected': ['Selected: press Ctrl+C', 'Markiert: Strg+C drücken'],
  'state.loading': ['Loading', 'Wird geladen'],
  'state.slow': [
    'This takes longer than usual. We are still trying.',
    'Das dauert länger als sonst. Wir versuchen es weiter.',
  ],
  'state.empty': ['Nothing here yet', 'Noch nichts vorhanden'],
  'state.failed': ['This could not be loaded', 'Das konnte nicht geladen werden'],
  'state.forbidden': ['You may not see this', 'Das dürfen Sie nicht sehen'],
  'state.gone': ['This does not exist any more', 'Das gibt es nicht mehr'],
  'state.gone-text': [
    'It was deleted or has ended, or its address is wrong.',
    'Es wurde gelöscht oder ist beendet, oder die Adresse stimmt nicht.',
  ],
  'state.stale': [
    'This may be out of date: {brand} does not answer. Retrying.',
    'Das ist vielleicht nicht aktuell: {brand} antwortet nicht. Wir versuchen es weiter.',
  ],
  'state.retry': ['Try again', 'Erneut versuchen'],
  'toast.undo': ['Undo', 'Rückgängig'],
  'toast.close': ['Close message', 'Meldung schließen'],
  'sessions.title': ['Where you are signed in', 'Wo Sie angemeldet sind'],
  'sessions.browser': ['Browser', 'Browser'],
  'sessions.unknown': ['Unknown browser', 'Unbekannter Browser'],
  'sessions.this': ['This browser', 'Dieser Browser'],
  'sessions.used': ['Last used', 'Zuletzt benutzt'],
  'sessions.end-others': ['Sign out everywhere else', 'Überall sonst abmelden'],
  'problem.no-answer': [
    '{brand} did not answer. Check your connection and try again.',
    '{brand} hat nicht geantwortet. Prüfen Sie Ihre Verbindung und versuchen Sie es erneut.',
  ],
  'problem.rate-limited': [
    'That was too often. Try again in {wait}.',
    'Das war zu oft. Versuchen Sie es in {wait} erneut.',
  ],
  'problem.unavailable': [
    'This is not available at the moment. Try again shortly.',
    'Das ist im Moment nicht möglich. Versuchen Sie es gleich noch einmal.',
  ],
  'problem.unauthenticated': [
    'Your session has ended. Sign in again.',
    'Ihre Sitzung ist abgelaufen. Melden Sie sich erneut an.',
  ],
  'problem.other': [
    'Something went wrong ({status}). Try again in a moment.',
    'Etwas ist schiefgegangen ({status}). Versuchen Sie es gleich noch einmal.',
  ],
} as const
