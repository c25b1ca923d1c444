// Runs in the page under test and gives a list of faults. Not TypeScript: tests compile without the types of the DOM.
;(() => {
  const faults = []
  const dialog = document.querySelector('dialog[open]')
  const scope = dialog ?? document.body
  const isShown = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true })
  const nameOf = (element) => `<${element.localName}> "${element.textContent.trim().slice(0, 40)}"`

  for (const element of scope.querySelectorAll('*')) {
    if (isShown(element)) checkContrast(element)
  }
  for (const control of scope.querySelectorAll('button, a[href], input, select, textarea, summary')) {
    if (isShown(control)) checkControl(control)
  }
  checkDocument()
  checkHeadings()
  checkWidth()
  return faults

  function checkContrast(element) {
    const isText = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim() !== '')
    if (!isText || element.closest(':disabled, .unseen, .skip, option')) return
    const style = getComputedStyle(element)
    const size = Number.parseFloat(style.fontSize)
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700)
    const back = backgroundOf(element)
    const ratio = contrast(over(toRgba(style.color), back), back)
    if (ratio < (isLarge ? 3 : 4.5)) faults.push(`contrast ${ratio.toFixed(2)} of ${nameOf(element)}`)
  }

  function checkControl(control) {
    const labels = [...(control.labels ?? [])].map((label) => label.textContent)
    const name = control.getAttribute('aria-label') ?? [control.textContent, ...labels].join('').trim()
    const isField = control.matches('input, select, textarea')
    if (isField ? labels.length === 0 : name === '') faults.push(`no name for ${control.outerHTML.slice(0, 80)}`)
    checkTarget(control)
    if (isField && !control.disabled) checkBorder(control)
  }

  function checkTarget(control) {
    const { width, height } = control.getBoundingClientRect()
    if (!control.matches('.skip') && (width < 24 || height < 24)) {
      faults.push(`target of ${Math.round(width)} × ${Math.round(height)}: ${nameOf(control)}`)
    }
  }

  function checkBorder(control) {
    const style = getComputedStyle(control)
    const back = backgroundOf(control.parentElement)
    const ratio = contrast(over(toRgba(style.borderTopColor), back), back)
    if (ratio < 3) faults.push(`contrast ${ratio.toFixed(2)} of the border of #${control.id}`)
  }

  function checkDocument() {
    if (document.documentElement.lang === '') faults.push('no language')
    if (document.title === '') faults.push('no title')
    if (document.querySelectorAll('main').length !== 1) faults.push('not one main')
    const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id)
    for (const id of new Set(ids.filter((id, index) => ids.indexOf(id) !== index))) faults.push(`two of id ${id}`)
    for (const image of document.images) if (!image.hasAttribute('alt')) faults.push(`no alt: ${image.src}`)
    // A style sheet that was blocked would leave the rest of this list green.
    if (getComputedStyle(document.body).fontVariantNumeric !== 'tabular-nums') faults.push('the styles are missing')
  }

  function checkHeadings() {
    const levels = [...document.querySelectorAll('main :is(h1, h2, h3)')].map(({ localName }) => Number(localName[1]))
    if (levels[0] !== 1 || levels.filter((level) => level === 1).length !== 1) faults.push('not one h1, first')
    if (levels.some((level, index) => level > (levels[index - 1] ?? level) + 1))
      faults.push('a heading level is skipped')
  }

  function checkWidth() {
    const { scrollWidth, clientWidth } = document.documentElement
    if (scrollWidth > clientWidth) faults.push(`${scrollWidth - clientWidth} px wider than the window`)
    for (const element of scope.querySelectorAll('*')) {
      if (isShown(element) && !element.closest('.unseen, thead, .skip') && isOutside(element)) {
        faults.push(`beyond the window: ${nameOf(element)}`)
      }
    }
  }

  function isOutside(element) {
    const { left, right } = element.getBoundingClientRect()
    return left < 0 || right > document.documentElement.clientWidth + 0.5
  }

  function backgroundOf(element) {
    const layers = []
    for (let at = element; at !== null; at = at.parentElement) {
      const colour = toRgba(getComputedStyle(at).backgroundColor)
      layers.push(colour)
      if (colour[3] === 1) break
    }
    return layers.reduceRight((below, layer) => over(layer, below), [255, 255, 255, 1])
  }

  function toRgba(text) {
    const [red, green, blue, alpha = 1] = text.match(/[\d.]+/g).map(Number)
    return [red, green, blue, alpha]
  }

  function over([red, green, blue, alpha], below) {
    return [...[red, green, blue].map((value, index) => value * alpha + below[index] * (1 - alpha)), 1]
  }

  function contrast(one, other) {
    const [dark, light] = [luminance(one), luminance(other)].sort((left, right) => left - right)
    return (light + 0.05) / (dark + 0.05)
  }

  function luminance(colour) {
    const [red, green, blue] = colour.map((value) => {
      const part = value / 255
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
  }
})()
