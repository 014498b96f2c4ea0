// From Django's JavaScript catalogue, which every page of the Wagtail admin loads.
declare function gettext(text: string): string
declare function ngettext(one: string, many: string, count: number): string
declare function interpolate(text: string, values: Record<string, unknown>, isNamed: true): string
