const form = document.querySelector('#new-course')
const list = document.querySelector('#courses')
const message = document.querySelector('#course-message')

const isGerman = document.documentElement.lang === 'de'
const noAnswer = isGerman
  ? 'Die Website antwortet nicht. Laden Sie die Seite neu, um zu sehen, ob es geklappt hat.'
  : 'The site did not answer. Reload the page to see whether it worked.'
const sure = isGerman ? 'Diesen Kurs mit allem Fortschritt löschen?' : 'Delete this course with all progress in it?'

const ask = async (path, options) => {
  const response = await fetch(path, options)
  if (response.status === 204) return undefined
  const answer = await response.json().catch(() => ({}))
  if (!response.ok) throw new Error(answer.detail ?? `That did not work (${response.status}).`)
  return answer
}

const say = (error) => {
  message.textContent = error instanceof TypeError ? noAnswer : error.message
}

const show = ({ id, title }) => {
  const item = document.createElement('li')
  item.className = 'row'
  item.dataset.course = id
  const link = document.createElement('a')
  link.href = `/courses/${id}/`
  link.textContent = title
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'delete'
  button.textContent = isGerman ? 'Löschen' : 'Delete'
  item.append(link, ' ', button)
  list.prepend(item)
}

const upload = async () => {
  const [file] = form.elements.package.files
  const headers = { 'content-type': 'application/zip' }
  show(await ask('/api/courses', { method: 'POST', headers, body: file }))
  form.reset()
}

form?.addEventListener('submit', async (event) => {
  event.preventDefault()
  const button = form.querySelector('button')
  button.disabled = true
  message.textContent = isGerman ? 'Wird hochgeladen …' : 'Uploading…'
  try {
    await upload()
    message.textContent = ''
  } catch (error) {
    say(error)
  } finally {
    button.disabled = false
  }
})

list.addEventListener('click', async ({ target }) => {
  const item = target.closest('.delete')?.closest('li')
  if (!item || !window.confirm(sure)) return
  message.textContent = ''
  try {
    await ask(`/api/courses/${item.dataset.course}`, { method: 'DELETE' })
    item.remove()
  } catch (error) {
    say(error)
  }
})

// Not before somebody listens: the browser's own way of sending the form is not understood here.
for (const button of form?.querySelectorAll('button') ?? []) button.disabled = false
