const form = document.querySelector('#new-entry')
const input = document.querySelector('#text')
const list = document.querySelector('#entries')
const message = document.querySelector('#message')
const older = document.querySelector('#older')
const checklist = document.querySelector('[data-sitewright="checklist"]')

const isGerman = document.documentElement.lang === 'de'
const texts = isGerman
  ? {
      failed: 'Das hat nicht geklappt',
      noAnswer: 'Die Website antwortet nicht. Laden Sie die Seite neu, um zu sehen, ob es geklappt hat.',
      sure: 'Diesen Eintrag löschen?',
      empty: 'Schreiben Sie erst etwas.',
      changed: 'Eintrag',
    }
  : {
      failed: 'That did not work',
      noAnswer: 'The site did not answer. Reload the page to see whether it worked.',
      sure: 'Delete this entry?',
      empty: 'Write something first.',
      changed: 'Entry',
    }

/** In the reader's time zone; without this script, times are in UTC. */
const timeFormat = new Intl.DateTimeFormat(isGerman ? 'de-DE' : 'en-GB', { dateStyle: 'medium', timeStyle: 'short' })
const showTime = (time) => {
  time.textContent = timeFormat.format(new Date(time.dateTime))
}

const element = (name, properties) => Object.assign(document.createElement(name), properties)

const itemOf = ({ id, text, at, isOwners }) => {
  const item = document.createElement('li')
  item.dataset.entry = id
  const foot = document.createElement('footer')
  if (isOwners) foot.append(element('b', { textContent: list.dataset.name }))
  const time = element('time', { dateTime: at })
  showTime(time)
  foot.append(time)
  if (list.dataset.delete !== '') {
    const act = (className) => element('button', { type: 'button', className, textContent: list.dataset[className] })
    const acts = element('span', { className: 'acts' })
    if (isOwners) acts.append(act('edit'))
    acts.append(act('delete'))
    foot.append(acts)
  }
  item.append(element('p', { textContent: text }), foot)
  return item
}

const ask = async (path, options) => {
  const response = await fetch(path, options)
  const answer = await response.json().catch(() => ({}))
  if (!response.ok) throw new Error(answer.detail ?? `${texts.failed} (${response.status}).`)
  return answer
}

/** Does something while a button waits, and says what went wrong. */
const busy = async (button, act) => {
  button.disabled = true
  message.textContent = ''
  try {
    await act()
  } catch (error) {
    message.textContent = error instanceof TypeError ? texts.noAnswer : error.message
  } finally {
    button.disabled = false
  }
}

const withText = (method, { value }) => ({
  method,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ text: value }),
})

/** Says so below the form, and puts the cursor into the field. */
const isEmpty = (field) => {
  const empty = field.value.trim() === ''
  field.ariaInvalid = String(empty)
  if (!empty) return false
  message.textContent = texts.empty
  field.focus()
  return true
}

form.addEventListener('submit', async (event) => {
  event.preventDefault()
  if (isEmpty(input)) return
  await busy(form.querySelector('button'), async () => {
    const entry = await ask('/api/entries', withText('POST', input))
    list.prepend(itemOf(entry))
    document.querySelector('#no-entries').hidden = true
    form.reset()
    if (checklist !== null) checklist.dataset.done += ' write'
  })
  input.focus()
})

/** The text of an entry becomes a field, and the button saves it. */
const edit = (item, button) => {
  const before = item.querySelector('p')
  const field = element('textarea', { value: before.textContent, maxLength: 4000, ariaLabel: texts.changed })
  before.replaceWith(field)
  field.focus()
  button.textContent = list.dataset.save
  button.onclick = (event) => {
    event.stopPropagation()
    if (isEmpty(field)) return
    busy(button, async () => {
      await ask(`/api/entries/${item.dataset.entry}`, withText('PUT', field))
      field.replaceWith(element('p', { textContent: field.value }))
      button.textContent = list.dataset.edit
      button.onclick = null
    }).then(() => button.focus())
  }
}

list.addEventListener('click', ({ target }) => {
  if (target.matches('.edit')) edit(target.closest('li'), target)
  const item = target.closest('.delete')?.closest('li')
  if (!item || !window.confirm(texts.sure)) return
  busy(target, async () => {
    await ask(`/api/entries/${item.dataset.entry}`, { method: 'DELETE' })
    item.remove()
  })
})

older?.addEventListener('click', () =>
  busy(older, async () => {
    const { entries, cursor } = await ask(`/api/entries?limit=20&cursor=${older.dataset.cursor}`)
    list.append(...entries.map(itemOf))
    if (cursor === undefined) older.remove()
    else older.dataset.cursor = cursor
  }),
)

const samples = document.querySelector('#about-samples')
samples?.querySelector('button').addEventListener('click', ({ target }) =>
  busy(target, async () => {
    await ask('/api/samples', { method: 'DELETE' })
    document.querySelector('#samples').remove()
    samples.remove()
    document.querySelector('#no-entries').hidden = list.children.length > 0
    input.focus()
  }),
)

for (const time of document.querySelectorAll('time')) showTime(time)
// Not before somebody listens: the browser's own way of sending the form would lose what was typed.
form.querySelector('button').disabled = false
