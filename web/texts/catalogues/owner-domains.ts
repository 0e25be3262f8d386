/** Texts of custom domains, as their owner sees them. */
export const ownerDomains = {
  'domains.title': ['Custom domains', 'Eigene Domains'],
  'domains.add': ['Add domain', 'Domain hinzufügen'],
  'domains.remove': ['Remove domain', 'Domain entfernen'],
  'domains.hostname': ['Hostname', 'Hostname'],
  'domains.hint': [
    'A hostname that you own, such as www.example.com. You then set two DNS records.',
    'Ein Hostname, der Ihnen gehört, zum Beispiel www.example.com. Danach setzen Sie zwei DNS-Einträge.',
  ],
  'domains.plans': [
    'Custom domains are part of these plans: {plans}.',
    'Eigene Domains sind Teil dieser Tarife: {plans}.',
  ],
  'domains.no-plan': ['No plan has custom domains at the moment.', 'Zurzeit enthält kein Tarif eigene Domains.'],
  'domains.see-plans': ['See plans', 'Tarife ansehen'],
  'domains.verified': ['Verified: {hostnames}.', 'Bestätigt: {hostnames}.'],
  'domains.removed': [
    '{hostname} is removed. You can delete its DNS records.',
    '{hostname} ist entfernt. Sie können die DNS-Einträge löschen.',
  ],
  'hostname.not-a-hostname': [
    'Type a hostname, such as www.example.com.',
    'Geben Sie einen Hostnamen ein, zum Beispiel www.example.com.',
  ],
  'hostname.ip-address': ['Type a hostname, not an IP address.', 'Geben Sie einen Hostnamen ein, keine IP-Adresse.'],
  'hostname.wildcard': ['Type a single hostname, without *.', 'Geben Sie einen einzelnen Hostnamen ohne * ein.'],
  'hostname.port': [
    'Type the hostname without a port. Visitors use ports 80 and 443.',
    'Geben Sie den Hostnamen ohne Port ein. Besucher benutzen die Ports 80 und 443.',
  ],
  'hostname.single-label': [
    'Type a whole hostname with a dot, such as example.com.',
    'Geben Sie einen vollständigen Hostnamen mit Punkt ein, zum Beispiel example.com.',
  ],
  'hostname.special-use': [
    'This hostname is not in the public DNS.',
    'Dieser Hostname gehört nicht zum öffentlichen DNS.',
  ],
  'hostname.ours': ['This hostname is one of our own domains.', 'Dieser Hostname ist eine unserer eigenen Domains.'],
  'hostname.public-suffix': [
    'Everybody registers domains below this name. Type your own domain.',
    'Unter diesem Namen registrieren viele ihre Domains. Geben Sie Ihre eigene Domain ein.',
  ],
  'hostname.own-site': [
    'Another of your sites uses this domain. Remove it there first.',
    'Eine andere Ihrer Websites benutzt diese Domain. Entfernen Sie sie zuerst dort.',
  ],
  'hostname.other-site': [
    'Another site uses this domain. If it is yours, set the TXT record {name} to “{value}” and add it again.',
    'Eine andere Website benutzt diese Domain. Gehört sie Ihnen, setzen Sie den TXT-Eintrag {name} auf „{value}“ und fügen Sie sie erneut hinzu.',
  ],
  'hostname.too-many': [
    'A site has at most 20 domains. Remove one first.',
    'Eine Website hat höchstens 20 Domains. Entfernen Sie zuerst eine.',
  ],
  'domain-is.pending': ['Waiting for DNS', 'Wartet auf DNS'],
  'domain-is.verified': ['Verified', 'Bestätigt'],
  'domain-is.failing': ['Records missing', 'Einträge fehlen'],
  'domain-is.releasing': ['Ends soon', 'Endet bald'],
  'domain.pending': [
    'Set these records at your DNS provider. We check automatically. The domain works once they are correct.',
    'Setzen Sie diese Einträge bei Ihrem DNS-Anbieter. Wir prüfen sie automatisch. Die Domain funktioniert, sobald sie stimmen.',
  ],
  'domain.held': [
    'The records are correct, but another of your sites uses this domain. Remove it there first.',
    'Die Einträge stimmen, aber eine andere Ihrer Websites benutzt die Domain. Entfernen Sie sie dort.',
  ],
  'domain.verified-new': [
    'The domain is verified. It can take a few minutes until it shows your site.',
    'Die Domain ist bestätigt. Es kann einige Minuten dauern, bis sie Ihre Website zeigt.',
  ],
  'domain.verified': [
    'The domain is verified and shows your site.',
    'Die Domain ist bestätigt und zeigt Ihre Website.',
  ],
  'domain.uncertified': [
    'The domain is verified, but it got no certificate, so browsers do not open it. Usually a CAA record of the domain does not allow amazon.com. We request another certificate on {at}.',
    'Die Domain ist bestätigt, hat aber kein Zertifikat erhalten, darum öffnen Browser sie nicht. Meist erlaubt ein CAA-Eintrag der Domain amazon.com nicht. Wir beantragen am {at} ein neues Zertifikat.',
  ],
  'domain.failing': [
    'Missing or wrong: {types}. The domain still works, but will stop soon. Correct the DNS records to keep it.',
    'Fehlt oder falsch: {types}. Die Domain funktioniert nur noch kurz. Berichtigen Sie die DNS-Einträge.',
  ],
  'domain.releasing': [
    'The domain stops working on {at} ({wait}). {because}',
    'Die Domain funktioniert ab dem {at} nicht mehr ({wait}). {because}',
  ],
  'domain.releasing-soon': [
    'The domain is about to stop working. {because}',
    'Die Domain funktioniert gleich nicht mehr. {because}',
  ],
  'domain-because.plan-changed': [
    'Your plan has no custom domains. Choose a plan with custom domains to keep it.',
    'Ihr Tarif enthält keine eigenen Domains. Wählen Sie einen, der sie enthält.',
  ],
  'domain-because.records-gone': [
    'Its DNS records are missing or wrong. Correct them to keep it.',
    'Die DNS-Einträge fehlen oder sind falsch. Berichtigen Sie sie.',
  ],
  'domain-because.other': ['It is being removed.', 'Sie wird entfernt.'],
  'domain.checked': ['Last checked on {at}.', 'Zuletzt geprüft am {at}.'],
  'domain.removed-at': [
    'We remove the domain on {at} unless the records are correct by then.',
    'Wir entfernen die Domain am {at}, wenn die Einträge bis dahin nicht stimmen.',
  ],
  'domain.check': ['Check now', 'Jetzt prüfen'],
  'domain.looked': ['Checked just now.', 'Gerade geprüft.'],
  'domain.looked-right': ['Checked just now: the records are correct.', 'Gerade geprüft: Die Einträge stimmen.'],
  'domain.looked-wrong': [
    'Not correct yet: {types}. DNS changes can take a while.',
    'Noch nicht richtig: {types}. Änderungen im DNS können eine Weile dauern.',
  ],
  'domain.looked-unknown': [
    'No clear answer for {types}. Try again in a moment. If the domain is behind the proxy of a CDN, turn the proxy off until the domain works.',
    'Keine klare Antwort für {types}. Versuchen Sie es gleich noch einmal. Steht ein CDN als Proxy vor der Domain, schalten Sie den Proxy aus, bis die Domain funktioniert.',
  ],
  'domain.main': ['Main', 'Hauptadresse'],
  'domain.open': ['Open', 'Öffnen'],
  'domain.remove': ['Remove', 'Entfernen'],
  'domain.remove-title': ['Remove {hostname}?', '{hostname} entfernen?'],
  'domain.remove-pending': ['We stop checking its DNS records.', 'Wir prüfen die DNS-Einträge dann nicht mehr.'],
  'domain.remove-works': ['The domain stops working at once.', 'Die Domain funktioniert dann sofort nicht mehr.'],
  'record.title': ['DNS records', 'DNS-Einträge'],
  'record.type': ['{type} record', '{type}-Eintrag'],
  'record.ownership': ['proves that the domain is yours', 'belegt, dass die Domain Ihnen gehört'],
  'record.traffic': ['sends visitors to your site', 'leitet Besucher zu Ihrer Website'],
  'record.edge': ['lets our network serve the domain', 'lässt unser Netz die Domain bedienen'],
  'record.name': ['Name', 'Name'],
  'record.value': ['Value', 'Wert'],
  'record.local': [
    'On this machine, a stand-in takes the place of your DNS provider.',
    'Auf diesem Rechner tritt ein Ersatz an die Stelle Ihres DNS-Anbieters.',
  ],
  'record.set-here': ['Set these records here', 'Diese Einträge hier setzen'],
  'record.hint': [
    'Some providers expect the name without your domain at the end.',
    'Manche Anbieter erwarten den Namen ohne Ihre Domain am Ende.',
  ],
  'record.alias-hint': [
    'Some providers call an ALIAS record ANAME; others accept a CNAME instead.',
    'Manche Anbieter nennen einen ALIAS-Eintrag ANAME; andere nehmen stattdessen einen CNAME.',
  ],
  'seen.right': ['Correct', 'Richtig'],
  'seen.wrong': ['Missing or wrong', 'Fehlt oder falsch'],
  'seen.missing': ['Not found yet', 'Noch nicht gefunden'],
  'seen.unknown': ['No clear answer', 'Keine klare Antwort'],
  'seen.unchecked': ['Not checked yet', 'Noch nicht geprüft'],
  'seen.edge': ['Not checked here', 'Hier nicht geprüft'],
} as const
