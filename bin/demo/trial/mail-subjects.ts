/** What the mails about a site of this name say at their top. */
export const mailSubjects = (name: string) => ({
  welcome: (isBuilt: boolean) => (isBuilt ? `Your site ${name} is ready` : `We are building your site ${name}`),
  endsIn: (days: string) => `The trial of ${name} ends in ${days}`,
  off: `Your site ${name} is suspended`,
  archived: `Your site ${name} is archived`,
  extended: `The trial of ${name} is extended`,
  back: `Your site ${name} is back`,
  deletedIn: (days: string) => `Your site ${name} will be deleted in ${days}`,
  deleted: `Your site ${name} is deleted`,
})
export type MailSubjects = ReturnType<typeof mailSubjects>
