import type { IntlMessageFormat } from 'intl-messageformat'

type Elements = ReturnType<IntlMessageFormat['getAst']>

const LITERAL = 0
const ACCENTED: Record<string, string> = Object.fromEntries(
  [...'aáeéiíoóuúyýcçdďlĺnñrŕsštťzžAÁEÉIÍOÓUÚYÝCÇDĎLĹNÑRŔSŠTŤZŽ'.matchAll(/(.)(.)/gu)].map((pair) => [
    pair[1],
    pair[2],
  ]),
)
const accented = (word: string) => word.replace(/./gu, (letter) => ACCENTED[letter] ?? letter)

/** Each word with its accents, and 40 % longer by its own beginning, as words of other languages are. */
export const stretched = (text: string): string =>
  text.replace(/\p{L}+/gu, (word) =>
    accented(word + word.slice(0, Math.ceil(word.length * 0.4)).toLowerCase()),
  )

/** A message as a long language would have it, in brackets that show where it is cut. What is put into it stays as it is. */
export function pseudo(message: Elements): Elements {
  return [{ type: LITERAL, value: '[' }, ...longer(message), { type: LITERAL, value: ']' }]
}

function longer(elements: Elements): Elements {
  return elements.map((element) => {
    if (element.type === LITERAL) return { ...element, value: stretched(element.value) }
    if ('children' in element) return { ...element, children: longer(element.children) }
    if (!('options' in element)) return element
    const options = Object.entries(element.options).map(([name, option]) => [
      name,
      { ...option, value: longer(option.value) },
    ])
    return { ...element, options: Object.fromEntries(options) }
  })
}
