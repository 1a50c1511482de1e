// Tables as files that spreadsheets open (RFC 4180). Callers choose some of the text: what a spreadsheet would run as a
// formula gets an apostrophe in front.

const FORMULA = /^[=+\-@\t\r\n]/;

export function csv(rows) {
  return rows.map(row => row.map(field).join(',')).join('\r\n') + '\r\n';
}

function field(value) {
  if (value === null || value === undefined) {
    return '';
  }
  if (typeof value === 'number' || typeof value === 'boolean') {
    return String(value);
  }
  const plain = FORMULA.test(value) ? `'${value}` : String(value);
  return /[,"\r\n]|^\s|\s$/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}

export function download(name, rows) {
  const address = URL.createObjectURL(new Blob([csv(rows)], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
