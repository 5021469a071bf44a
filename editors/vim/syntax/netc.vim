" netc: neural-network definitions, *.net. A test keeps the words as the compiler has them.
if exists("b:current_syntax")
  finish
endif

syn match netcName "\<\h\w*\>"
syn match netcCall "\<\h\w*\>\ze[([]"
syn match netcLayer "\<\u\w*\>\ze("
syn match netcNumber "\<\d\+\(\.\d\+\)\?\([eE][+-]\?\d\+\)\?\>"
syn match netcOperator "|>\|->\|[=!<>]=\|\.\.\.\?\|[-+*/@^=<>]"

" Names wherever no doubt arises: a word is a keyword by what stands beside it.
syn match netcWordOperator "\v%(\.@1<!|\.\.)@<=<%(and|or|not)>"
syn match netcBoolean "\v%(\.@1<!|\.\.)@<=<%(true|false)>"
syn match netcStatement "\v\.@1<!<%(return|if|else|for|assert)>%(\s*[=:]%(\=)@!)@!"
syn match netcDeclaration "\v%(%(^|[{}])\s*)@<=<%(const|input|param|fn|output|metric|dataset|train|optimizer|state|update|layer|buffer|import|group)>\ze\s+[\"{A-Za-z_]"
syn match netcRange "\v%(%(\w|\])\s+)@<=<%(in)>\ze\s+[^=[:space:]]"

syn match netcType "\v<%(bool|u8|i32|i64|f32|f64|int|float|integer)>"
syn match netcConstant "\v\.@1<!<%(N|training|step|epoch)>%(\s*\=%(\=)@!)@!"

syn region netcString start=+"+ skip=+\\.+ end=+"\|$+ contains=netcEscape
syn match netcEscape "\\." contained
syn match netcComment "#.*$" contains=netcTodo,@Spell
syn keyword netcTodo TODO FIXME contained

hi def link netcCall Function
hi def link netcLayer Structure
hi def link netcNumber Number
hi def link netcOperator Operator
hi def link netcWordOperator Operator
hi def link netcBoolean Boolean
hi def link netcStatement Statement
hi def link netcDeclaration Keyword
hi def link netcRange Keyword
hi def link netcType Type
hi def link netcConstant Constant
hi def link netcString String
hi def link netcEscape SpecialChar
hi def link netcComment Comment
hi def link netcTodo Todo

let b:current_syntax = "netc"
