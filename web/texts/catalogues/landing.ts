/** The texts below the form of sign-up, and those for search engines. The build fills them in: no script loads them. */
export const catalogue = {
  description: [
    'Get a site of your own with {brand} in under a minute. Free for {days} days, without a card.',
    'Ihre eigene Website mit {brand} in weniger als einer Minute. {days} Tage kostenlos, ohne Karte.',
  ],
  'steps.title': ['How it works', 'So geht es'],
  'steps.code': ['Enter your e-mail address', 'E-Mail-Adresse eingeben'],
  'steps.code-text': [
    'We send you a code. There is no password to choose.',
    'Wir schicken Ihnen einen Code. Sie brauchen kein Passwort.',
  ],
  'steps.name': ['Choose a name', 'Namen wählen'],
  'steps.name-text': ['It becomes your address: {example}.', 'Er wird zu Ihrer Adresse: {example}.'],
  'steps.start': ['Start', 'Loslegen'],
  'steps.start-text': [
    'Your site runs within seconds, and you are signed in.',
    'Ihre Website läuft nach wenigen Sekunden, und Sie sind angemeldet.',
  ],
  'sample.news': [
    'New this month: a workshop on Saturday mornings. Write here if you would like to come.',
    'Neu in diesem Monat: ein Workshop am Samstagvormittag. Schreiben Sie hier, wenn Sie kommen möchten.',
  ],
  'sample.thanks': [
    'Thank you for the quick repair! The old lamp is back on my desk, and it shines.',
    'Danke für die schnelle Reparatur! Die alte Lampe steht wieder auf meinem Tisch und leuchtet.',
  ],
  'sample.hours': [
    'We are open Monday to Friday, 9 to 5. Ring the bell at the blue door.',
    'Wir sind Montag bis Freitag von 9 bis 17 Uhr da. Klingeln Sie an der blauen Tür.',
  ],
  'prices.title': ['Prices', 'Preise'],
  'prices.trial': ['Free for {days} days', '{days} Tage kostenlos'],
  'prices.month': ['{price} a month', '{price} im Monat'],
  'prices.year': ['{price} a year', '{price} im Jahr'],
  'prices.year-free': ['{price} a year: {free} months free', '{price} im Jahr: {free} Monate gratis'],
  'prices.tax': [
    'You see the total, with any tax, before you pay. You can cancel at any time.',
    'Den Gesamtbetrag mit etwaigen Steuern sehen Sie, bevor Sie bezahlen. Sie können jederzeit kündigen.',
  ],
  'prices.agreed': ['By agreement', 'Nach Vereinbarung'],
  'prices.storage': ['{value} of storage', '{value} Speicher'],
  'prices.domain': ['Your own domain', 'Eigene Domain'],
  'prices.no-card': ['No card needed', 'Keine Karte nötig'],
  'prices.always-on': ['Always on', 'Immer wach'],
  'prices.sleeps': ['Sleeps between visits', 'Schläft zwischen Besuchen'],
  'prices.environment': ['1 test environment', '1 Testumgebung'],
  'prices.environments': ['{count} test environments', '{count} Testumgebungen'],
  'prices.start': ['Start free', 'Kostenlos starten'],
  'prices.ask': ['Contact us', 'Schreiben Sie uns'],
  'questions.title': ['Questions and answers', 'Fragen und Antworten'],
  'questions.card': ['Do I need a card?', 'Brauche ich eine Karte?'],
  'questions.card-text': [
    'No. The trial is free, and it does not turn into a paid plan by itself.',
    'Nein. Die Testphase ist kostenlos und wird nicht von selbst zu einem bezahlten Tarif.',
  ],
  'questions.end': ['What happens when the trial ends?', 'Was geschieht am Ende der Testphase?'],
  'questions.end-text': [
    'We remind you beforehand. When the trial ends, we stop your site and keep its data in place for {grace} days. If you choose a plan in that time, it runs again with everything in it. Otherwise we then keep a copy for {kept} days.',
    'Wir erinnern Sie vorher. Am Ende der Testphase halten wir Ihre Website an und lassen ihre Daten {grace} Tage unverändert. Wenn Sie in dieser Zeit einen Tarif wählen, läuft sie mit allen Inhalten weiter. Sonst bewahren wir danach {kept} Tage lang eine Kopie auf.',
  ],
  'questions.leave': ['Can I take my data with me?', 'Kann ich meine Daten mitnehmen?'],
  'questions.leave-text': [
    'Yes. Download a copy of everything at any time, or delete your site yourself.',
    'Ja. Laden Sie jederzeit eine Kopie von allem herunter, oder löschen Sie Ihre Website selbst.',
  ],
  'questions.others': ['Does my site share anything with others?', 'Teilt meine Website etwas mit anderen?'],
  'questions.others-text': [
    'No. It has its own software and its own storage. If our support team opens your site, we e-mail you the reason.',
    'Nein. Sie hat eigene Software und eigenen Speicher. Wenn unser Support Ihre Website öffnet, nennen wir Ihnen per E-Mail den Grund.',
  ],
} as const
