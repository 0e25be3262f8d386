/** The history of a site, and a planned change, as its owner sees them. */
export const ownerHistory = {
  'history.title': ['What happened', 'Was geschehen ist'],
  'history.more': ['Show older entries', 'Ältere Einträge anzeigen'],
  'history.by.owner': ['By you', 'Von Ihnen'],
  'history.by.member': ['By {person}', 'Von {person}'],
  'history.by.staff': ['By our support team', 'Von unserem Support'],
  'history.by.payment': ['Reported by Stripe', 'Von Stripe gemeldet'],
  'history.by.system': ['Automatically', 'Automatisch'],
  'history.reason': ['Reason: {reason}', 'Grund: {reason}'],
  'history.SiteRequested': ['Your site was requested', 'Ihre Website wurde angefordert'],
  'history.SiteRequested.environment': ['The environment was requested', 'Die Umgebung wurde angefordert'],
  'history.SiteOpened': ['Your site opened', 'Ihre Website wurde eröffnet'],
  'history.SiteFailed': ['Your site could not be built', 'Ihre Website konnte nicht eingerichtet werden'],
  'history.SiteClaimed': ['Your site opened', 'Ihre Website wurde eröffnet'],
  'history.PreparedSiteClaimed': ['You signed up for your site', 'Sie haben Ihre Website bestellt'],
  'history.SiteUpgraded.restored': [
    'A copy of your data was restored',
    'Eine Kopie Ihrer Daten wurde wiederhergestellt',
  ],
  'history.SiteUpgraded.configuration': [
    'Variables or secrets of your site changed',
    'Variablen oder Geheimnisse Ihrer Website wurden geändert',
  ],
  'history.SiteUpgraded': ['Your site was updated', 'Ihre Website wurde aktualisiert'],
  'history.SiteFellAsleep': ['Your site fell asleep', 'Ihre Website ging in den Ruhezustand'],
  'history.SiteWoke': ['Your site woke for a visitor', 'Ihre Website startete für einen Besucher'],
  'history.SiteSleepChosen': ['The sleep setting changed', 'Die Einstellung für den Ruhezustand wurde geändert'],
  'history.SiteProtectionChosen': ['Developers may change your site', 'Entwickler dürfen Ihre Website ändern'],
  'history.SiteProtectionChosen.owners': ['Only owners may change your site', 'Nur Inhaber dürfen Ihre Website ändern'],
  'history.SiteRenamed': ['Your site was renamed', 'Ihre Website wurde umbenannt'],
  'history.SiteUrlChanged': ['The main address of your site changed', 'Die Hauptadresse Ihrer Website wurde geändert'],
  'history.SiteSuspended': ['Your site was suspended', 'Ihre Website wurde angehalten'],
  'history.SiteSuspended.trial-ended': [
    'Your site was suspended because the trial ended',
    'Ihre Website wurde angehalten, weil die Testphase endete',
  ],
  'history.SiteSuspended.payment-overdue': [
    'Your site was suspended because a payment was overdue',
    'Ihre Website wurde angehalten, weil eine Zahlung überfällig war',
  ],
  'history.SiteSuspended.subscription-ended': [
    'Your site was suspended because the subscription ended',
    'Ihre Website wurde angehalten, weil das Abonnement endete',
  ],
  'history.SiteSuspended.storage-full': [
    'Your site was suspended because its storage was full',
    'Ihre Website wurde angehalten, weil ihr Speicher voll war',
  ],
  'history.SiteSuspended.moved': [
    'Your site was suspended because it moved to another installation',
    'Ihre Website wurde angehalten, weil sie in eine andere Installation umgezogen ist',
  ],
  'history.SiteSuspended.owner-deletion': [
    'Your site was suspended because of its deletion',
    'Ihre Website wurde wegen ihrer Löschung angehalten',
  ],
  'history.SiteResumed': ['Your site was resumed', 'Ihre Website wurde fortgesetzt'],
  'history.SiteArchived': [
    'Your site was archived with a verified copy of its data',
    'Ihre Website wurde mit einer geprüften Kopie ihrer Daten archiviert',
  ],
  'history.SiteRestored': [
    'Your site was restored from its archive',
    'Ihre Website wurde aus ihrem Archiv wiederhergestellt',
  ],
  'history.SitePurged': ['Your site was deleted', 'Ihre Website wurde gelöscht'],
  'history.SiteReminded': ['We sent you a reminder', 'Wir haben Ihnen eine Erinnerung geschickt'],
  'history.SiteReminded.trial': [
    'We reminded you that the trial ends',
    'Wir haben Sie an das Ende der Testphase erinnert',
  ],
  'history.SiteReminded.subscription': [
    'We reminded you that your site will be suspended without a paid subscription',
    'Wir haben Sie daran erinnert, dass Ihre Website ohne bezahltes Abonnement angehalten wird',
  ],
  'history.SiteReminded.environment': [
    'We reminded you that the environment ends',
    'Wir haben Sie an das Ende der Umgebung erinnert',
  ],
  'history.SiteWarned': [
    'We warned you that the archive will be deleted',
    'Wir haben Sie vor der Löschung des Archivs gewarnt',
  ],
  'history.EnvironmentExtended': [
    'The environment was extended until {until}',
    'Die Umgebung wurde bis {until} verlängert',
  ],
  'history.TrialExtended': ['The trial was extended until {until}', 'Die Testphase wurde bis {until} verlängert'],
  'history.SiteBillingChanged': ['Your subscription changed', 'Ihr Abonnement wurde geändert'],
  'history.SiteBillingChanged.started': ['Your subscription started', 'Ihr Abonnement hat begonnen'],
  'history.SiteBillingChanged.overdue': ['A payment did not go through', 'Eine Zahlung ist fehlgeschlagen'],
  'history.SiteBillingChanged.recovered': ['Your subscription runs again', 'Ihr Abonnement läuft wieder'],
  'history.SiteBillingChanged.cancelled': ['Your subscription was cancelled', 'Ihr Abonnement wurde gekündigt'],
  'history.SiteBillingChanged.reactivated': ['The cancellation was withdrawn', 'Die Kündigung wurde zurückgenommen'],
  'history.SiteBillingChanged.paused': ['Your subscription was paused', 'Ihr Abonnement wurde pausiert'],
  'history.SiteBillingChanged.ended': ['Your subscription ended', 'Ihr Abonnement ist beendet'],
  'history.SitePaymentReturned': ['We returned a payment', 'Wir haben eine Zahlung erstattet'],
  'history.SitePlanChanged': ['The plan changed to {plan}', 'Der Tarif ist jetzt {plan}'],
  'history.SiteOperationEnded': [
    'Something did not work, and your site stayed as it was',
    'Ein Vorgang ist fehlgeschlagen; Ihre Website blieb unverändert',
  ],
  'history.SiteOperationEnded.copy': ['A copy of your data failed', 'Eine Kopie Ihrer Daten ist fehlgeschlagen'],
  'history.SiteOperationEnded.wake': ['Your site did not wake', 'Ihre Website konnte nicht starten'],
  'history.SiteOperationEnded.restore': [
    'Your site could not be restored from its archive',
    'Ihre Website konnte nicht aus ihrem Archiv wiederhergestellt werden',
  ],
  'history.SiteOperationEnded.restore-copy': [
    'A copy could not be restored, and your site stayed as it was',
    'Eine Kopie konnte nicht wiederhergestellt werden; Ihre Website blieb unverändert',
  ],
  'history.SiteOperationEnded.upgrade': [
    'An update failed, and your site stayed as it was',
    'Eine Aktualisierung ist fehlgeschlagen; Ihre Website blieb unverändert',
  ],
  'history.SiteDeletionRequested': [
    'The deletion of your site was requested',
    'Die Löschung Ihrer Website wurde beantragt',
  ],
  'history.SiteDeletionRevoked': [
    'The deletion of your site was cancelled',
    'Die Löschung Ihrer Website wurde abgebrochen',
  ],
  'history.SiteCopied': ['Your data was copied', 'Ihre Daten wurden kopiert'],
  'history.SiteDown': ['Your site did not answer for five minutes', 'Ihre Website hat fünf Minuten nicht geantwortet'],
  'history.SiteStorageNoted': ['Your site has enough storage again', 'Ihre Website hat wieder genug Speicher'],
  'history.SiteStorageNoted.near': [
    'The storage of your site was almost full',
    'Der Speicher Ihrer Website war fast voll',
  ],
  'history.SiteStorageNoted.full': ['The storage of your site was full', 'Der Speicher Ihrer Website war voll'],
  'history.SiteCredentialsShown': [
    'The credentials of your site were shown',
    'Die Zugangsdaten Ihrer Website wurden angezeigt',
  ],
  'history.SiteSupportEntered': [
    'Our support team entered your site, until {until} at the latest',
    'Unser Support hat Ihre Website betreten, längstens bis {until}',
  ],
  'history.RelocationAccepted': [
    'You accepted a planned change of your site',
    'Sie haben einer geplanten Änderung Ihrer Website zugestimmt',
  ],
  'history.RelocationMissed': [
    'The planned change of your site did not happen',
    'Die geplante Änderung Ihrer Website fand nicht statt',
  ],
  'history.RelocationConfirmed': [
    'The change of your site was confirmed',
    'Die Änderung Ihrer Website wurde bestätigt',
  ],
  'history.RelocationConfirmed.contract': [
    'The contract of your site changed',
    'Der Vertrag Ihrer Website wurde geändert',
  ],
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
    'The change of your site is agreed. Window: {windows}.',
    'Die Änderung Ihrer Website ist vereinbart. Zeitfenster: {windows}.',
  ],
  'relocation.switched': [
    'Your site runs as agreed. Until {at} we can go back.',
    'Ihre Website läuft wie vereinbart. Bis {at} können wir zurück.',
  ],
} as const
