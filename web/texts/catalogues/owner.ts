import { consoles } from './consoles.ts'
import { ownerDomains } from './owner-domains.ts'
import { ownerHistory } from './owner-history.ts'
import { ownerParts } from './owner-parts.ts'
import { ownerPlans } from './owner-plans.ts'
import { ownerSite } from './owner-site.ts'
import { ownerTeam } from './owner-team.ts'
import { ui } from './ui.ts'

/** The texts of the owner's page. Words in brackets become a link that writes to us. */
export const catalogue = {
  ...ui,
  ...consoles,
  ...ownerDomains,
  ...ownerHistory,
  ...ownerParts,
  ...ownerPlans,
  ...ownerSite,
  ...ownerTeam,
  title: ['Your sites at {brand}', 'Ihre Websites bei {brand}'],
  'sites.title': ['Your sites', 'Ihre Websites'],
  'sites.create': ['Create a site', 'Website anlegen'],
  'sites.in-team': [
    'Sites of a team are in its account: choose it above.',
    'Websites eines Teams sind in dessen Konto: Wählen Sie es oben aus.',
  ],
  'sites.manage': ['Manage site', 'Website verwalten'],
  'part.overview': ['Overview', 'Überblick'],
  'part.environments': ['Environments', 'Umgebungen'],
  'part.plans': ['Plan', 'Tarif'],
  'part.domains': ['Domains', 'Domains'],
  'part.copies': ['Copies', 'Kopien'],
  'part.sharing': ['Sharing', 'Teilen'],
  'part.history': ['History', 'Verlauf'],
  'part.settings': ['Settings', 'Einstellungen'],
  'facts.title': ['Your site', 'Ihre Website'],
  'facts.address': ['Address', 'Adresse'],
  'facts.plan': ['Plan', 'Tarif'],
  'facts.trial-ends': ['End of the trial', 'Ende der Testphase'],
  'facts.sleeps': ['Sleeps', 'Ruhezustand'],
  'facts.sleeps-after': ['after {minutes} without visitors', 'nach {minutes} ohne Besuch'],
  'facts.sleeps-never': ['never', 'nie'],
  'facts.created': ['Yours since', 'Ihre Website seit'],
  'facts.software': ['Software', 'Software'],
  'facts.version': ['{name}, version {version}', '{name}, Version {version}'],
  'warning.down': [
    'Your site has not answered since {at}. Its data is safe.',
    'Ihre Website antwortet seit {at} nicht. Ihre Daten sind sicher.',
  ],
  'warning.near': ['Your site uses more than 80% of its storage.', 'Ihre Website nutzt mehr als 80 % ihres Speichers.'],
  'warning.full': [
    'The storage of your site is full. It cannot save new data until you delete something.',
    'Der Speicher Ihrer Website ist voll. Sie kann nichts mehr speichern, bis Sie etwas löschen.',
  ],
  'rename.open': ['Rename site', 'Website umbenennen'],
  'rename.name': ['Name', 'Name'],
  'rename.hint': ['The address {hostname} stays.', 'Die Adresse {hostname} bleibt.'],
  'rename.act': ['Rename', 'Umbenennen'],
  'rename.done': ['The site is now called {name}.', 'Die Website heißt jetzt {name}.'],
  'contact.open': ['Talk to us', 'Mit uns sprechen'],
  'contact.topic': ['What is it about?', 'Worum geht es?'],
  'contact.plans': ['Plans and prices', 'Tarife und Preise'],
  'contact.enterprise': ['An enterprise plan', 'Ein Enterprise-Tarif'],
  'contact.services': ['Help with setting up', 'Hilfe bei der Einrichtung'],
  'contact.other': ['Something else', 'Etwas anderes'],
  'contact.message': ['Your message (optional)', 'Ihre Nachricht (freiwillig)'],
  'contact.send': ['Send', 'Senden'],
  'contact.done': ['Thank you. We will get in touch by e-mail.', 'Danke. Wir melden uns per E-Mail.'],
  'parts.cancel': ['Cancel', 'Abbrechen'],
  'sleep.title': ['Sleep', 'Ruhezustand'],
  'sleep.trial': ['On a paid plan, you can change that.', 'In einem bezahlten Tarif können Sie das ändern.'],
  'sleep.choice': ['Sleeps without visitors after', 'Ruhezustand ohne Besuch nach'],
  'sleep.choice-never': ['Never', 'Nie'],
  'sleep.choice-other': ['Another time', 'Andere Zeit'],
  'sleep.minutes': ['Minutes without visitors', 'Minuten ohne Besuch'],
  'sleep.hint': [
    'After this time your site sleeps. The next visitor waits until it has started.',
    'Nach dieser Zeit geht die Website in den Ruhezustand. Der nächste Besucher wartet, bis sie gestartet ist.',
  ],
  'sleep.wrong': ['Type a whole number of minutes.', 'Geben Sie eine ganze Zahl von Minuten ein.'],
  'sleep.range': [
    'Type 1 to 43,200 minutes, which are 30 days.',
    'Geben Sie 1 bis 43.200 Minuten ein, das sind 30 Tage.',
  ],
  'sleep.save': ['Save', 'Speichern'],
  'sleep.never': ['Your site never sleeps.', 'Ihre Website läuft immer.'],
  'sleep.after': [
    'Your site sleeps after {minutes} without visitors. The next visitor wakes it.',
    'Ihre Website geht nach {minutes} ohne Besuch in den Ruhezustand. Der nächste Besucher startet sie.',
  ],
  'delete.title': ['Delete this site', 'Diese Website löschen'],
  'delete.act': ['Delete site', 'Website löschen'],
  'delete.open': ['Delete site…', 'Website löschen …'],
  'delete.lead': [
    'This ends the site and deletes all its data. You can cancel the deletion for {days}.',
    'Das löscht die Website mit allen Daten. Sie können die Löschung {days} lang abbrechen.',
  ],
  'delete.ask': ['Delete {site}?', '{site} löschen?'],
  'delete.now': [
    'Now: {site} is suspended. Nobody can use it.',
    'Jetzt: {site} wird angehalten. Niemand kann die Website benutzen.',
  ],
  'delete.stays': ['Now: {site} stays suspended.', 'Jetzt: {site} bleibt angehalten.'],
  'delete.paid': [
    'Its subscription ends with the period that you have paid for.',
    'Das Abonnement endet mit dem bezahlten Zeitraum.',
  ],
  'delete.overdue': [
    'Your bank is not asked again for the payment that failed.',
    'Die fehlgeschlagene Zahlung wird nicht noch einmal abgebucht.',
  ],
  'delete.until': [
    'Until {at}: you can cancel the deletion here.',
    'Bis {at}: Sie können die Löschung hier abbrechen.',
  ],
  'delete.then': [
    'Then: the site, its data and all copies are deleted permanently.',
    'Dann: Die Website, ihre Daten und alle Kopien werden endgültig gelöscht.',
  ],
  'delete.confirm': ['Type {hostname} to confirm', 'Geben Sie zur Bestätigung {hostname} ein'],
  'delete.wrong': [
    'Type the address of the site to confirm the deletion.',
    'Geben Sie die Adresse der Website ein, um die Löschung zu bestätigen.',
  ],
  'hint.keep': [
    'If you cancel the deletion, a site with a paid plan runs again. A trial stays suspended until you resume it.',
    'Wenn Sie die Löschung abbrechen, läuft eine bezahlte Website wieder. Eine Testwebsite bleibt angehalten, bis Sie sie fortsetzen.',
  ],
  'hint.extension-used': ['You have used the trial extension.', 'Sie haben die Testphase bereits verlängert.'],
  'hint.resuming': ['Resuming', 'Das Fortsetzen'],
  'hint.restoring': ['Restoring', 'Das Wiederherstellen'],
  'hint.resume-extends': [
    '{act} uses your extension and continues the trial for {days}.',
    '{act} verbraucht Ihre Verlängerung: Die Testphase läuft noch {days}.',
  ],
  'hint.resume-needs-plan': [
    'You have used the trial extension. {act} requires a plan.',
    'Die Verlängerung ist verbraucht. {act} geht nur mit einem Tarif.',
  ],
  'hint.resume-only-plan': ['{act} requires a plan.', '{act} geht nur mit einem Tarif.'],
  'hint.resume-free-extends': [
    '{act} is free until the trial ends on {at}. Then it uses your extension of {days}.',
    '{act} ist bis {at} kostenlos. Danach verbraucht es Ihre Verlängerung um {days}.',
  ],
  'hint.resume-free-needs-plan': [
    '{act} is free until the trial ends on {at}. Then it requires a plan.',
    '{act} ist bis {at} kostenlos. Danach brauchen Sie dafür einen Tarif.',
  ],
  'problem.payment-required': [
    'The trial or subscription of this site has ended. Choose a plan.',
    'Die Testphase oder das Abonnement dieser Website ist abgelaufen. Wählen Sie einen Tarif.',
  ],
  'problem.payment-declined': [
    'Your bank declined the payment. Your plan stays as it is. Use another card.',
    'Ihre Bank lehnt die Zahlung ab. Ihr Tarif bleibt. Verwenden Sie eine andere Karte.',
  ],
  'problem.extension-used': [
    'The trial was extended already. Choose a plan, or contact us.',
    'Die Testphase wurde schon verlängert. Wählen Sie einen Tarif, oder schreiben Sie uns.',
  ],
  'problem.transition-not-allowed': [
    'This is not possible in the current state of the site.',
    'Das ist im jetzigen Zustand der Website nicht möglich.',
  ],
  'problem.operation-in-progress': [
    'The site is being changed. Try again in a moment.',
    'Die Website wird gerade geändert. Versuchen Sie es gleich noch einmal.',
  ],
  'problem.version-conflict': [
    'The site was changed at the same time. Try again.',
    'Die Website wurde gleichzeitig geändert. Versuchen Sie es erneut.',
  ],
  'problem.limits-exceeded': [
    'This would be more than is allowed. Delete something first or, if your plan sets the limit, choose another one.',
    'Das wäre mehr, als erlaubt ist. Löschen Sie zuerst etwas oder, wenn Ihr Tarif die Grenze setzt, wählen Sie einen anderen.',
  ],
} as const
