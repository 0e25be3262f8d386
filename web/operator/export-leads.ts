import { api } from '../api/client.ts'
import { type LeadsView, leadsQueryOf } from './routes.ts'

/** Without it, a spreadsheet does not read UTF-8. Reading an answer as text removes it. */
const byteOrderMark = '\u{feff}'

/** Saves all leads of a list as one CSV file. Reads a page after the other. */
export const exportLeads = async (view: LeadsView, readers: 'sales' | 'marketing'): Promise<void> => {
  const query = leadsQueryOf({ ...view, cursor: undefined })
  const parts = [byteOrderMark]
  let cursor: string | null | undefined
  do {
    const { data = '', response } = await api.GET('/v1/operator/leads/export', {
      params: { query: { ...query, for: readers, ...(cursor ? { cursor } : {}) } },
      parseAs: 'text',
    })
    // Each page begins with the names of the columns.
    parts.push(cursor ? data.slice(data.indexOf('\r\n') + 2) : data)
    const [, next] = /<([^>]*)>; rel="next"/.exec(response.headers.get('link') ?? '') ?? []
    cursor = next && new URL(next).searchParams.get('cursor')
  } while (cursor)
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob(parts, { type: 'text/csv' }))
  link.download = 'leads.csv'
  link.click()
  URL.revokeObjectURL(link.href)
}
