import { relocation } from './relocation.ts'

/** Texts of the planned relocation of a site, as operators see it. */
export const operatorRelocation = {
  ...relocation,
  'relocation.title': ['Planned relocation', 'Geplanter Umzug'],
  'relocation.plan': ['Plan a relocation', 'Umzug planen'],
  'relocation.change': ['Change the plan', 'Plan ändern'],
  'relocation.form': ['What, when and under which contract', 'Was, wann und unter welchem Vertrag'],
  'relocation.plan-effect': [
    'The site does not change now. A rehearsal comes first, then the owner has to accept. A changed plan needs a new acceptance; another plan, blueprint, configuration or cell also needs a new rehearsal.',
    'Die Website ändert sich jetzt nicht. Zuerst kommt eine Probe, dann muss der Eigentümer zustimmen. Ein geänderter Plan braucht eine neue Zustimmung; ein anderer Tarif, Blueprint, eine andere Konfiguration oder Zelle auch eine neue Probe.',
  ],
  'relocation.same': ['As it is', 'Wie bisher'],
  'relocation.blueprint': ['Blueprint and version', 'Blueprint und Version'],
  'relocation.blueprint-hint': [
    'Name and version, such as “welcome 3”. Empty: as it is.',
    'Name und Version, etwa „welcome 3“. Leer: wie bisher.',
  ],
  'relocation.configuration': ['Version of its own variables', 'Version der eigenen Variablen'],
  'relocation.configuration-hint': ['0 for none. Empty: as it is.', '0 für keine. Leer: wie bisher.'],
  'relocation.from': ['Begins at the earliest', 'Beginnt frühestens'],
  'relocation.until': ['Ends at the latest', 'Endet spätestens'],
  'relocation.zone': ['Time zone', 'Zeitzone'],
  'relocation.number': ['Number of the contract', 'Vertragsnummer'],
  'relocation.contract-hint': ['Leave it empty without a contract.', 'Ohne Vertrag leer lassen.'],
  'relocation.firstDay': ['First day', 'Erster Tag'],
  'relocation.lastDay': ['Last day', 'Letzter Tag'],
  'relocation.note': ['Note', 'Notiz'],
  'relocation.days': ['Days to go back', 'Tage für eine Rückkehr'],
  'relocation.days-hint': [
    '1 to 30. Without an answer, the relocation is confirmed then.',
    '1 bis 30. Ohne Antwort ist der Umzug dann bestätigt.',
  ],
  'relocation.save': ['Save the plan', 'Plan speichern'],
  'relocation.draft': ['Draft', 'Entwurf'],
  'relocation.accepted': ['Accepted', 'Angenommen'],
  'relocation.switched': ['Switched', 'Umgezogen'],
  'relocation.returned': ['Returned', 'Zurückgekehrt'],
  'relocation.revision': ['Revision', 'Fassung'],
  'relocation.forecast': ['about {time}, rehearsed on {at}', 'etwa {time}, geprobt am {at}'],
  'relocation.unrehearsed': ['not rehearsed yet', 'noch nicht geprobt'],
  'relocation.confirmed': ['Confirmed by itself on', 'Von selbst bestätigt am'],
  'relocation.missed': ['It did not happen ({at})', 'Er fand nicht statt ({at})'],
  'relocation.not-live': [
    'Only a site that runs or sleeps can be relocated.',
    'Nur eine Website, die läuft oder schläft, kann umziehen.',
  ],
  'relocation.withdraw': ['Withdraw', 'Zurückziehen'],
  'relocation.withdraw-effect': [
    'The plan is removed. The site stays as it is. Its owner gets no mail: tell them yourself.',
    'Der Plan wird entfernt. Die Website bleibt, wie sie ist. Der Eigentümer erhält keine Mail: Sagen Sie es ihm selbst.',
  ],
  'relocation.confirm': ['Confirm', 'Bestätigen'],
  'relocation.confirm-effect': [
    'The site stays relocated, and nobody can go back. Its subscription, if it has one, is not renewed. The contract counts from now on.',
    'Die Website bleibt umgezogen, und niemand kann zurück. Ihr Abonnement, falls es eines gibt, verlängert sich nicht. Der Vertrag gilt ab jetzt.',
  ],
  'relocation.keep': ['Give up the relocation', 'Umzug aufgeben'],
  'relocation.keep-effect': [
    'The site stays as it was before the relocation, and nobody can switch it again. Its subscription, if it has one, goes on.',
    'Die Website bleibt wie vor dem Umzug, und niemand kann sie erneut umschalten. Ihr Abonnement, falls es eines gibt, läuft weiter.',
  ],
  'relocation.back': ['Switch back', 'Zurückschalten'],
  'relocation.back-effect': [
    'The site goes back to what it ran before, with the data from before the relocation. The data of now becomes an archive and is no longer in the site. The site is interrupted meanwhile.',
    'Die Website kehrt zu dem zurück, was vorher lief, mit den Daten von vor dem Umzug. Die Daten von jetzt werden ein Archiv und sind nicht mehr in der Website. Sie ist währenddessen unterbrochen.',
  ],
  'relocation.forward': ['Switch again', 'Erneut umschalten'],
  'relocation.forward-effect': [
    'The site runs as planned again, with the data that it had when it went back. The data of now becomes an archive and is no longer in the site. The site is interrupted meanwhile.',
    'Die Website läuft wieder wie geplant, mit den Daten, die sie bei der Rückkehr hatte. Die Daten von jetzt werden ein Archiv und sind nicht mehr in der Website. Sie ist währenddessen unterbrochen.',
  ],
} as const
