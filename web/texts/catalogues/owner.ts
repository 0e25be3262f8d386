import { ownerDomains } from './owner-domains.ts'
import { ownerHistory } from './owner-history.ts'
import { ownerParts } from './owner-parts.ts'
import { ownerPlans } from './owner-plans.ts'
import { ui } from './ui.ts'

/** The texts of the page of owners. Words in brackets become a link that writes to us. */
export const catalogue = {
  ...ui,
  ...ownerParts,
  ...ownerDomains,
  ...ownerHistory,
  ...ownerPlans,
  title: ['Your sites at {brand}', 'Ihre Websites bei {brand}'],
  'sites.title': ['Your sites', 'Ihre Websites'],
  'sites.create': ['Create a site', 'Website anlegen'],
  'sites.more': ['Show more', 'Weitere anzeigen'],
  'sites.manage': ['Manage site', 'Website verwalten'],
  'site.all': ['All sites', 'Alle Websites'],
  'site.choose-plan': ['Choose a plan', 'Tarif wählen'],
  'site.open': ['Open my site', 'Meine Website öffnen'],
  'site.parts': ['Parts of the site', 'Teile der Website'],
  'site.progress': ['Show progress', 'Fortschritt anzeigen'],
  'part.overview': ['Overview', 'Überblick'],
  'part.plans': ['Plan', 'Tarif'],
  'part.domains': ['Domains', 'Domains'],
  'part.copies': ['Copies', 'Kopien'],
  'part.sharing': ['Sharing', 'Teilen'],
  'part.history': ['History', 'Verlauf'],
  'part.settings': ['Settings', 'Einstellungen'],
  'is.awake': ['Awake', 'Aktiv'],
  'is.asleep': ['Asleep', 'Im Ruhezustand'],
  'is.down': ['Not answering', 'Antwortet nicht'],
  'is.building': ['Being built', 'Wird aufgebaut'],
  'is.failed': ['Build failed', 'Aufbau fehlgeschlagen'],
  'is.suspended': ['Suspended', 'Angehalten'],
  'is.archived': ['Archived', 'Archiviert'],
  'is.deleting': ['Being deleted', 'Wird gelöscht'],
  'is.purged': ['Deleted', 'Gelöscht'],
  'status.active': ['Your site is running.', 'Ihre Website läuft.'],
  'status.asleep': [
    'Your site sleeps because nobody has used it for a while. It starts at the next visit.',
    'Ihre Website ist im Ruhezustand, weil sie niemand benutzt. Sie startet beim nächsten Besuch.',
  ],
  'status.building': ['Your site is being built.', 'Ihre Website wird aufgebaut.'],
  'status.failed': [
    'Your site could not be built. Your trial is still available: try again.',
    'Der Aufbau ist fehlgeschlagen. Ihre Testphase ist noch verfügbar: Versuchen Sie es erneut.',
  ],
  'status.archived': [
    'Your site is archived. It does not run; we keep a verified copy of its data.',
    'Ihre Website ist archiviert. Sie läuft nicht; wir bewahren eine geprüfte Kopie Ihrer Daten auf.',
  ],
  'status.purged': [
    'Your site is permanently deleted. [Write to us] if you want another one.',
    'Ihre Website ist endgültig gelöscht. [Schreiben Sie uns], wenn Sie eine neue möchten.',
  ],
  'because.deletion': [
    'Your site is suspended because it is scheduled for deletion.',
    'Ihre Website ist angehalten, weil ihre Löschung vorgesehen ist.',
  ],
  'because.trial-ended': [
    'Your site is suspended because its trial has ended.',
    'Ihre Website ist angehalten, weil ihre Testphase abgelaufen ist.',
  ],
  'because.trial-ended-earlier': [
    'Your site has been suspended since its trial ended.',
    'Ihre Website ist angehalten, seit ihre Testphase abgelaufen ist.',
  ],
  'because.storage-full': [
    'Your site is suspended because it used more storage than its plan includes, or more than we have room for. Resume it, then delete data that you do not need.',
    'Ihre Website ist angehalten, weil sie den Speicher ihres Tarifs überschritten hat oder schneller gewachsen ist, als auf ihrem Rechner Platz ist. Setzen Sie sie fort und löschen Sie dann Daten, die Sie nicht brauchen.',
  ],
  'because.payment-overdue': [
    'Your site is suspended because a payment is overdue. It resumes when you pay.',
    'Ihre Website ist angehalten, bis Sie eine überfällige Zahlung leisten.',
  ],
  'because.subscription-ended': [
    'Your subscription has ended. Choose a plan to resume your site.',
    'Ihr Abonnement ist beendet. Wählen Sie einen Tarif, um die Website fortzusetzen.',
  ],
  'because.operator': [
    'We have suspended your site. [Write to us] for the reason.',
    'Wir haben Ihre Website angehalten. [Schreiben Sie uns], um den Grund zu erfahren.',
  ],
  'because.owner-deletion': ['Your site is suspended.', 'Ihre Website ist angehalten.'],
  'operation.handover': ['Your site is being set up for you.', 'Ihre Website wird für Sie eingerichtet.'],
  'operation.suspend': ['Your site is being suspended.', 'Ihre Website wird angehalten.'],
  'operation.archive': ['Your site is being archived.', 'Ihre Website wird archiviert.'],
  'operation.restore': [
    'Your site is being restored from its archive.',
    'Ihre Website wird aus ihrem Archiv wiederhergestellt.',
  ],
  'operation.restore-copy': [
    'Your data is being restored from a copy. Visitors wait meanwhile.',
    'Ihre Daten werden aus einer Kopie wiederhergestellt. Besucher warten so lange.',
  ],
  'operation.copy': [
    'Your data is being copied. Your site pauses for a moment; visitors wait.',
    'Ihre Daten werden kopiert. Ihre Website pausiert einen Moment; Besucher warten so lange.',
  ],
  'operation.resize': ['Your site is being resized for its plan.', 'Ihre Website wird an ihren Tarif angepasst.'],
  'operation.upgrade': ['Your site is being updated.', 'Ihre Website wird aktualisiert.'],
  'operation.purge': ['Your site is being deleted permanently.', 'Ihre Website wird endgültig gelöscht.'],
  'operation.sleep': [
    'Your site is going to sleep. It starts at the next visit.',
    'Ihre Website geht in den Ruhezustand. Sie startet beim nächsten Besuch.',
  ],
  'operation.dormancy': [
    'Your site has slept for days. Its next start will take a little longer.',
    'Ihre Website schläft seit Tagen. Ihr nächster Start dauert etwas länger.',
  ],
  'operation.wake': ['Your site is starting.', 'Ihre Website startet.'],
  'ends.at': ['{at} ({wait})', '{at} ({wait})'],
  'ends.trial': ['The trial ends on {at}.', 'Die Testphase endet am {at}.'],
  'ends.trial-then': [
    'Then your site is suspended, and its data is kept.',
    'Dann wird Ihre Website angehalten; ihre Daten bleiben erhalten.',
  ],
  'ends.trial-postponed': [
    'The trial has ended. Your site will be suspended on {at}.',
    'Die Testphase ist abgelaufen. Ihre Website wird am {at} angehalten.',
  ],
  'ends.trial-over': ['The trial ended on {at}.', 'Die Testphase endete am {at}.'],
  'ends.trial-over-then': [
    'Your site is about to be suspended. Its data is kept.',
    'Ihre Website wird gleich angehalten. Ihre Daten bleiben erhalten.',
  ],
  'ends.suspension': ['Your site will be suspended on {at}.', 'Ihre Website wird am {at} angehalten.'],
  'ends.kept': ['Its data is kept.', 'Ihre Daten bleiben erhalten.'],
  'ends.deletion': ['Your site will be deleted permanently on {at}.', 'Ihre Website wird am {at} endgültig gelöscht.'],
  'ends.deletion-open': [
    'Your site is scheduled for deletion. No date is set yet.',
    'Die Löschung Ihrer Website ist vorgesehen. Ein Datum steht noch nicht fest.',
  ],
  'ends.deletion-soon': [
    'Your site is about to be deleted permanently.',
    'Ihre Website wird gleich endgültig gelöscht.',
  ],
  'ends.revocable': ['You can cancel the deletion until then.', 'Bis dahin können Sie die Löschung abbrechen.'],
  'ends.irrevocable': ['[Write to us] if you want to keep it.', '[Schreiben Sie uns], wenn Sie sie behalten möchten.'],
  'ends.grace': [
    'We will archive your site on {at} unless you resume it first.',
    'Wir archivieren Ihre Website am {at}, wenn Sie sie nicht vorher fortsetzen.',
  ],
  'ends.grace-soon': ['Your site is about to be archived.', 'Ihre Website wird gleich archiviert.'],
  'ends.retention': ['We will delete it permanently on {at}.', 'Wir löschen sie am {at} endgültig.'],
  'ends.retention-then': ['You can restore it until then.', 'Bis dahin können Sie sie wiederherstellen.'],
  'ends.retention-open': ['You can restore it at any time.', 'Sie können sie jederzeit wiederherstellen.'],
  'act.extend': ['Extend the trial by {days}', 'Testphase um {days} verlängern'],
  'act.resume': ['Resume site', 'Website fortsetzen'],
  'act.restore': ['Restore site', 'Website wiederherstellen'],
  'act.keep': ['Cancel deletion', 'Löschung abbrechen'],
  'hint.keep': [
    'If you cancel the deletion, a site with a paid plan runs again. A trial stays suspended until you resume it.',
    'Wenn Sie die Löschung abbrechen, läuft eine bezahlte Website wieder. Eine Testwebsite bleibt angehalten, bis Sie sie fortsetzen.',
  ],
  'hint.extension-used': ['You have used the trial extension.', 'Sie haben die Testphase bereits verlängert.'],
  'hint.resume-extends': [
    'Resuming uses your extension and continues the trial for {days}.',
    'Das Fortsetzen verbraucht Ihre Verlängerung: Die Testphase läuft noch {days}.',
  ],
  'hint.resume-needs-plan': [
    'You have used the trial extension. Resuming requires a plan.',
    'Die Verlängerung ist verbraucht. Zum Fortsetzen brauchen Sie einen Tarif.',
  ],
  'hint.resume-free-extends': [
    'Resuming is free until the trial ends on {at}. Then it uses your extension of {days}.',
    'Bis {at} kostenlos; danach verbraucht das Fortsetzen Ihre Verlängerung um {days}.',
  ],
  'hint.resume-free-needs-plan': [
    'Resuming is free until the trial ends on {at}. Then it requires a plan.',
    'Bis {at} kostenlos; danach brauchen Sie zum Fortsetzen einen Tarif.',
  ],
  'news.extend': ['Your trial is extended.', 'Ihre Testphase ist verlängert.'],
  'news.starting': ['Your site is starting.', 'Ihre Website startet.'],
  'news.restoring': ['Your site is being restored.', 'Ihre Website wird wiederhergestellt.'],
  'news.keep': ['The deletion is cancelled.', 'Die Löschung ist abgebrochen.'],
  'news.delete': ['Your site is scheduled for deletion.', 'Die Löschung Ihrer Website ist vorgesehen.'],
  'news.ends': ['The trial now ends on {at}.', 'Die Testphase endet jetzt am {at}.'],
  'news.restored': ['Your site is restored with all its data.', 'Ihre Website ist mit allen Daten wiederhergestellt.'],
  'news.not-restored': [
    'Your site could not be restored. Its archive is kept. Try again later, or [write to us].',
    'Ihre Website konnte nicht wiederhergestellt werden. Ihr Archiv bleibt erhalten. Versuchen Sie es später erneut, oder [schreiben Sie uns].',
  ],
  'warning.down': [
    'Your site has not answered since {at}. Its data is safe.',
    'Ihre Website antwortet seit {at} nicht. Ihre Daten sind sicher.',
  ],
  'warning.near': ['Your site uses more than 80% of its storage.', 'Ihre Website nutzt mehr als 80 % ihres Speichers.'],
  'warning.full': [
    'The storage of your site is full. It cannot save new data until you delete something.',
    'Der Speicher Ihrer Website ist voll. Sie kann nichts mehr speichern, bis Sie etwas löschen.',
  ],
  'facts.title': ['Your site', 'Ihre Website'],
  'facts.address': ['Address', 'Adresse'],
  'facts.plan': ['Plan', 'Tarif'],
  'facts.trial-ends': ['Trial ends', 'Ende der Testphase'],
  'facts.sleeps': ['Sleeps', 'Ruhezustand'],
  'facts.sleeps-after': ['after {minutes} without visitors', 'nach {minutes} ohne Besuch'],
  'facts.sleeps-never': ['never', 'nie'],
  'facts.created': ['Yours since', 'Ihre Website seit'],
  'facts.software': ['Software', 'Software'],
  'facts.version': ['{name}, version {version}', '{name}, Version {version}'],
  'problem.payment-required': [
    'The trial of this site has ended. Choose a plan.',
    'Die Testphase dieser Website ist abgelaufen. Wählen Sie einen Tarif.',
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
    'Your site uses more than that plan allows. Delete something, or choose another plan.',
    'Ihre Website nutzt mehr, als dieser Tarif erlaubt. Löschen Sie zuerst etwas.',
  ],
} as const
