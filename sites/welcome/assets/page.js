const form = document.querySelector('#new-entry')
const input = document.querySelector('#text')
const button = form.querySelector('button')
const message = document.querySelector('#message')

const timeFormat = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' })

const show = ({ text, at }) => {
  const item = document.createElement('li')
  const paragraph = document.createElement('p')
  paragraph.textContent = text
  const time = document.createElement('time')
  time.dateTime = at
  time.textContent = timeFormat.format(new Date(at))
  item.append(paragraph, time)
  document.querySelector('#entries').prepend(item)
  document.querySelector('#no-entries').hidden = true
}

const save = async (text) => {
  const response = await fetch('/api/entries', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ text }),
  })
  const answer = await response.json().catch(() => ({}))
  if (!response.ok) throw new Error(answer.detail ?? `It was not saved (${response.status}).`)
  return answer
}

form.addEventListener('submit', async (event) => {
  event.preventDefault()
  button.disabled = true
  message.textContent = ''
  try {
    show(await save(input.value))
    form.reset()
  } catch (error) {
    message.textContent =
      error instanceof TypeError ? 'The site did not answer. Reload to see whether it was saved.' : error.message
  } finally {
    button.disabled = false
    input.focus()
  }
})

// Not before somebody listens: the browser's own way of sending the form would lose what was typed.
button.disabled = false
