"""The common codes of UN/ECE Recommendation 20, with the UCUM codes that mean the same.

Of some two thousand codes these are the ones for which UCUM has a unit: measures, plain counts and ratios. Trade words
whose size depends on the goods or on a reference state (a pen gram, a standard cubic metre, a shipping ton, an air dry
ton) and everything of Recommendation 21 (packages) are left out: they are no units.
"""

from __future__ import annotations

from typing import Final

__all__ = ["REC20"]

_CODES: Final = """
MTR m ; KMT km ; HMT hm ; A45 dam ; DMT dm ; CMT cm ; MMT mm ; 4H um ; C45 nm ; C52 pm ; A71 fm ; MAM Mm ; A11 Ao
INH [in_i] ; FOT [ft_i] ; YRD [yd_i] ; SMI [mi_i] ; NMI [nmi_i] ; AK [fth_i] ; 77 [mil_i] ; M7 10*-6.[in_i] ; A12 AU
C63 pc ; B57 [ly] ; F49 [rd_us] ; X1 66.[ft_i] ; M49 [ch_us] ; M50 660.[ft_i] ; M51 [ft_us] ; M52 [mi_us] ; H79 [Ch]
JPS 100.m ; LM m ; LF [ft_i] ; LY [yd_i]
MTK m2 ; KMK km2 ; H18 hm2 ; H16 dam2 ; DMK dm2 ; CMK cm2 ; MMK mm2 ; H30 um2 ; HAR har ; ARE ar ; DAA 10.ar
INK [sin_i] ; FTK [sft_i] ; YDK [syd_i] ; MIK [mi_i]2 ; M48 [smi_us] ; ACR [acr_us] ; M47 [cml_i] ; A14 b
MTQ m3 ; H20 km3 ; H19 hm3 ; DMA dam3 ; DMQ dm3 ; CMQ cm3 ; MMQ mm3 ; LTR L ; MAL ML ; K6 kL ; HLT hL ; A44 daL
DLT dL ; CLT cL ; MLT mL ; 4G uL ; Q34 nL ; Q33 pL ; Q32 fL ; G26 st ; HMQ 10*6.m3 ; R9 10*3.m3 ; FF 100.m3
INQ [cin_i] ; FTQ [cft_i] ; YDQ [cyd_i] ; M69 [mi_i]3 ; HH 100.[cft_i] ; FC 10*3.[cft_i] ; M68 [cr_i] ; GLL [gal_us]
GLI [gal_br] ; GLD [gal_wi] ; QTL [qt_us] ; QTI [qt_br] ; QTD [dqt_us] ; PTL [pt_us] ; PTI [pt_br] ; PTD [dpt_us]
GIA [gil_us] ; GII [gil_br] ; OZA [foz_us] ; OZI [foz_br] ; BLL [bbl_us] ; J57 35.[gal_br] ; BUA [bu_us] ; BUI [bu_br]
G23 [pk_us] ; L43 [pk_br] ; G21 [cup_us] ; G24 [tbs_us] ; G25 [tsp_us] ; WG [gal_us]
KGM kg ; TNE t ; KTN kt ; 2U Mg ; DTN 100.kg ; HGM hg ; DJ dag ; GRM g ; DG dg ; CGM cg ; MGM mg ; MC ug ; CTM [car_m]
LBR [lb_av] ; ONZ [oz_av] ; STN [ston_av] ; LTN [lton_av] ; STI [stone_av] ; CWA [scwt_av] ; CNT [scwt_av]
CWI [lcwt_av] ; QTR 28.[lb_av] ; GRN [gr] ; APZ [oz_tr] ; LBT [lb_tr] ; DWT [pwt_tr] ; DRA [dr_ap] ; DRI [dr_av]
SCR [sc_ap] ; F13 [lbf_av].s2/[ft_i] ; D43 u ; M86 500.g
SEC s ; MIN min ; HUR h ; DAY d ; WEE wk ; MON mo ; ANN a ; B52 ks ; C26 ms ; B98 us ; C47 ns ; H70 ps ; M56 10*-8.s
DAD 10.d ; QAN 3.mo ; SAN 6.mo ; D42 a_t ; L95 365.d ; M36 30.d ; M37 360.d ; HTZ Hz ; KHZ kHz ; MHZ MHz ; A86 GHz
D29 THz ; C97 /s ; C94 /min ; H10 /h ; E91 /d ; H85 /wk ; H11 /mo ; H09 /a ; RPM {rev}/min ; RPS {rev}/s
BPM {beat}/min ; OPM {osc}/min
CEL Cel ; FAH [degF] ; KEL K ; A48 [degR] ; F10 K/h ; F11 K/min ; F12 K/s ; H12 K/h ; H13 K/min ; H14 K/s
J23 [degR]/h ; J24 [degR]/min ; J25 [degR]/s ; J28 [degR]/h ; J29 [degR]/min ; J30 [degR]/s ; J26 /[degR] ; C91 /K
C81 rad ; C25 mrad ; B97 urad ; DD deg ; D61 ' ; D62 '' ; A91 gon ; M44 circ ; D27 sr ; 2A rad/s ; 2B rad/s2
M46 circ/min ; E96 deg/s ; M45 deg/s2 ; C84 rad/m ; H27 deg/m
MTS m/s ; KMH km/h ; 2M cm/s ; C16 mm/s ; 2X m/min ; M60 m/h ; M62 km/s ; H49 cm/h ; H67 mm/h ; H81 mm/min ; H66 mm/a
KNT [kn_i] ; HM [mi_i]/h ; M57 [mi_i]/min ; M58 [mi_i]/s ; FS [ft_i]/s ; FR [ft_i]/min ; K14 [ft_i]/h ; IU [in_i]/s
M63 [in_i]/min ; M64 [yd_i]/s ; M65 [yd_i]/min ; M66 [yd_i]/h ; MSK m/s2 ; M38 km/s2 ; M39 cm/s2 ; M41 mm/s2
A73 [ft_i]/s2 ; IV [in_i]/s2 ; M40 [yd_i]/s2 ; M42 [mi_i]/s2 ; A76 Gal ; C11 mGal ; K40 [g]
NEW N ; B73 MN ; B47 kN ; C20 mN ; B92 uN ; DU dyn ; B37 kgf ; B51 kgf ; C78 [lbf_av] ; M75 10*3.[lbf_av]
M77 kg.m/s2 ; NU N.m ; B74 MN.m ; B48 kN.m ; D83 mN.m ; B93 uN.m ; DN dN.m ; J72 cN.m ; F88 N.cm ; B38 kgf.m
M92 [lbf_av].[ft_i] ; F21 [lbf_av].[in_i] ; J94 dyn.cm ; M97 dyn.m ; B31 kg.m/s ; C57 N.s ; B33 kg.m2/s ; C53 N.m.s
B32 kg.m2 ; F18 kg.cm2 ; F19 kg.mm2 ; M94 kg.m ; 4P N/m ; C22 mN/m ; F47 N/mm ; M23 N/cm ; N31 kN/m ; DX dyn/cm
F17 [lbf_av]/[ft_i] ; F48 [lbf_av]/[in_i]
PAL Pa ; A89 GPa ; MPA MPa ; KPA kPa ; A97 hPa ; H75 daPa ; 74 mPa ; B96 uPa ; BAR bar ; KBA kbar ; HBA hbar
MBR mbar ; B85 ubar ; ATM atm ; ATT att ; PS [psi] ; N20 10*3.[psi] ; K85 [lbf_av]/[sft_i] ; C55 N/m2 ; C56 N/mm2
E01 N/cm2 ; KNM kN/m2 ; B40 kgf/m2 ; E41 kgf/mm2 ; E42 kgf/cm2 ; K31 gf/cm2 ; D9 dyn/cm2 ; HN mm[Hg] ; HP mm[H2O]
H78 cm[H2O] ; N23 m[H2O] ; F78 [in_i'H2O] ; F79 [in_i'Hg] ; C65 Pa.s ; C24 mPa.s ; 89 P ; C7 cP ; J32 uP ; N36 N.s/m2
N37 kg/(m.s) ; N41 g/(cm.s) ; 91 St ; 4C cSt ; S4 m2/s ; C17 mm2/s ; M81 cm2/s ; S3 [sft_i]/s ; G08 [sin_i]/s
H42 Pa/m ; P81 kPa/m ; P82 hPa/m ; P80 mPa/m ; 34 kPa/mm ; C96 /Pa ; F58 /bar ; K93 /[psi]
JOU J ; A68 EJ ; C68 PJ ; D30 TJ ; GV GJ ; 3B MJ ; KJO kJ ; C15 mJ ; A70 fJ ; A13 aJ ; WHR W.h ; KWH kW.h ; MWH MW.h
GWH GW.h ; D32 TW.h ; J55 W.s ; A53 eV ; B29 keV ; B71 MeV ; A85 GeV ; A57 erg ; D35 cal_th ; K53 kcal_th ; D70 cal_IT
E14 kcal_IT ; J75 cal_m ; K51 kcal_m ; N69 cal_[20] ; BTU [Btu_IT] ; J39 [Btu_m] ; N66 [Btu_39] ; N67 [Btu_59]
N68 [Btu_60] ; 85 [ft_i].[lbf_av] ; J2 J/kg ; B42 kJ/kg ; JK MJ/kg ; D95 J/g ; Q31 kJ/g ; B8 J/m3 ; JM MJ/m3
E46 kW.h/m3 ; B13 J/m2 ; E43 J/cm2 ; B12 J/m ; B15 J/mol ; B44 kJ/mol ; JE J/K ; B41 kJ/K ; B11 J/(kg.K)
B43 kJ/(kg.K) ; B16 J/(mol.K) ; B18 J.s ; AZ [Btu_IT]/[lb_av] ; N73 [Btu_th]/[lb_av] ; D75 cal_IT/g ; B36 cal_th/g
E47 kW.h/K
WTT W ; D31 TW ; A90 GW ; MAW MW ; KWT kW ; C31 mW ; D80 uW ; C49 nW ; C75 pW ; P14 J/s ; P15 J/min ; P16 J/h
P17 J/d ; P18 kJ/s ; P19 kJ/min ; P20 kJ/h ; P21 kJ/d ; D78 MJ/s ; D03 kW.h/h ; E07 MW.h/h ; Q35 MW/min ; A63 erg/s
BHP [HP] ; HJ 75.kgf.m/s ; N12 75.kgf.m/s ; A25 75.kgf.m/s ; K43 746.W ; B39 kgf.m/s ; A74 [ft_i].[lbf_av]/s
K16 [ft_i].[lbf_av]/min ; K15 [ft_i].[lbf_av]/h ; 2I [Btu_IT]/h ; J44 [Btu_IT]/min ; J45 [Btu_IT]/s ; J47 [Btu_th]/h
J51 [Btu_th]/min ; J52 [Btu_th]/s ; E16 10*6.[Btu_IT]/h ; J81 cal_th/min ; J82 cal_th/s ; E15 kcal_th/h
K54 kcal_th/min ; K55 kcal_th/s ; D46 V.A ; M35 mV.A ; KVA kV.A ; MVA MV.A ; C79 kV.A.h ; D44 V.A{var} ; KVR kV.A{var}
MAR MV.A{var} ; K3 kV.A{var}.h ; MAH MV.A{var}.h ; D54 W/m2 ; C32 mW/m2 ; D85 uW/m2 ; C76 pW/m2 ; N48 W/cm2
N49 W/[sin_i] ; H74 W/m ; H47 W/m3 ; WA W/kg ; D52 W/K ; B21 K/W ; D53 W/(m.K) ; N80 W/(m.K) ; N81 kW/(m.K)
D55 W/(m2.K) ; N78 kW/(m2.K) ; D56 W/(m2.K4) ; D57 W/sr ; D58 W/(sr.m2) ; D19 m2.K/W ; H35 K.m/W
KL kg/m ; GF g/m ; C12 mg/m ; M31 kg/km ; H76 g/mm ; KW kg/mm ; P2 [lb_av]/[ft_i] ; PO [lb_av]/[in_i]
M84 [lb_av]/[yd_i] ; D34 tex ; A47 dtex ; A49 [den] ; M83 [den] ; 28 kg/m2 ; GM g/m2 ; GO mg/m2 ; H63 mg/cm2
25 g/cm2 ; D5 kg/cm2 ; N24 g/mm2 ; FP [lb_av]/[sft_i] ; 37 [oz_av]/[sft_i] ; ON [oz_av]/[syd_i] ; N25 [lb_av]/[syd_i]
N22 [oz_av]/[sin_i] ; KMQ kg/m3 ; A93 g/m3 ; GP mg/m3 ; GQ ug/m3 ; 23 g/cm3 ; GJ g/mL ; GL g/L ; M1 mg/L ; H29 ug/L
B34 kg/dm3 ; B35 kg/L ; D41 t/m3 ; B72 Mg/m3 ; F23 g/dm3 ; G31 kg/cm3 ; 87 [lb_av]/[cft_i] ; LA [lb_av]/[cin_i]
K84 [lb_av]/[cyd_i] ; GE [lb_av]/[gal_us] ; K71 [lb_av]/[gal_br] ; L37 [oz_av]/[gal_br] ; L38 [oz_av]/[gal_us]
L39 [oz_av]/[cin_i] ; G32 [oz_av]/[cyd_i] ; K41 [gr]/[gal_us] ; L65 [lbf_av].s2/[ft_i]4 ; A39 m3/kg ; 22 dL/g
H83 L/kg ; KX mL/kg ; N28 dm3/kg ; N29 [cft_i]/[lb_av] ; N30 [cin_i]/[lb_av] ; D21 m2/kg ; H15 cm2/g ; KGS kg/s
F31 kg/min ; E93 kg/h ; F30 kg/d ; F29 g/s ; F28 g/min ; F27 g/h ; F26 g/d ; F34 mg/s ; F33 mg/min ; 4M mg/h
F32 mg/d ; L81 t/s ; L78 t/min ; E18 t/h ; L71 t/d ; M88 t/mo ; M89 t/a ; K81 [lb_av]/s ; K78 [lb_av]/min
4U [lb_av]/h ; K66 [lb_av]/d ; M90 10*3.[lb_av]/h ; 4W [ston_av]/h ; L88 [ston_av]/d ; L85 [lton_av]/d ; L36 [oz_av]/s
L35 [oz_av]/min ; L34 [oz_av]/h ; L33 [oz_av]/d ; H56 kg/(m2.s) ; TKM t.km
MQS m3/s ; G53 m3/min ; MQH m3/h ; G52 m3/d ; TQD 10*3.m3/d ; G51 L/s ; L2 L/min ; E32 L/h ; LD L/d ; 4X kL/h
40 mL/s ; 41 mL/min ; G55 mL/h ; G54 mL/d ; 2J cm3/s ; G49 cm3/min ; G48 cm3/h ; G47 cm3/d ; J93 dm3/s ; J92 dm3/min
E92 dm3/h ; J90 dm3/d ; E17 [cft_i]/s ; 2L [cft_i]/min ; 2K [cft_i]/h ; K22 [cft_i]/d ; G58 [cin_i]/s
G57 [cin_i]/min ; G56 [cin_i]/h ; M16 [cyd_i]/s ; M15 [cyd_i]/min ; M13 [cyd_i]/h ; M12 [cyd_i]/d ; K30 [gal_us]/s
G2 [gal_us]/min ; G50 [gal_us]/h ; GB [gal_us]/d ; K28 [gal_br]/s ; G3 [gal_br]/min ; K27 [gal_br]/h ; K26 [gal_br]/d
J63 [bbl_us]/s ; 5A [bbl_us]/min ; J62 [bbl_us]/h ; B1 [bbl_us]/d ; 35 mL/(cm2.s)
AMP A ; H38 MA ; B22 kA ; 4K mA ; B84 uA ; C39 nA ; C70 pA ; VLT V ; 2G V ; 2H V ; B78 MV ; KVT kV ; 2Z mV ; D82 uV
N99 pV ; OHM Ohm ; H44 TOhm ; A87 GOhm ; B75 MOhm ; B49 kOhm ; E45 mOhm ; B94 uOhm ; P22 nOhm ; SIE S ; B53 kS
C27 mS ; B99 uS ; N92 pS ; NQ mho ; COU C ; D77 MC ; B26 kC ; D86 mC ; B86 uC ; C40 nC ; C71 pC ; A8 A.s ; N95 A.min
AMH A.h ; E09 mA.h ; TAH kA.h ; FAR F ; N90 kF ; C10 mF ; 4O uF ; C41 nF ; 4T pF ; H48 aF ; 81 H ; P24 kH ; C14 mH
B90 uH ; C43 nH ; C73 pH ; WEB Wb ; P11 kWb ; C33 mWb ; B65 Mx ; D33 T ; P13 kT ; C29 mT ; D81 uT ; C48 nT ; 76 G
78 kG ; 66 Oe ; N96 Bi ; N97 Gb ; AE A/m ; B24 kA/m ; A2 A/cm ; A3 A/mm ; F76 mA/mm ; A41 A/m2 ; A4 A/cm2 ; A7 A/mm2
B23 kA/m2 ; B66 MA/m2 ; D50 V/m ; D47 V/cm ; D51 V/mm ; B55 kV/m ; B79 MV/m ; C30 mV/m ; C3 uV/m ; H23 V/[in_i]
H46 V/s ; H24 V/us ; D48 V/K ; D49 mV/K ; C61 Ohm.m ; C60 Ohm.cm ; B76 MOhm.m ; A88 GOhm.m ; B50 kOhm.m ; C23 mOhm.m
B95 uOhm.m ; C46 nOhm.m ; H26 Ohm/m ; F56 Ohm/km ; F54 mOhm/m ; F55 Ohm/[mi_i] ; D10 S/m ; H43 S/cm ; B77 MS/m
B54 kS/m ; H61 mS/cm ; G42 uS/cm ; G43 uS/m ; G44 nS/cm ; G45 nS/m ; L42 pS/m ; A69 F/m ; B89 uF/m ; C42 nF/m
C72 pF/m ; H28 uF/km ; H33 F/km ; A98 H/m ; B91 uH/m ; C44 nH/m ; D59 Wb/m ; D60 Wb/mm ; B56 kWb/m ; A29 C/m3
A34 C/m2 ; A33 C/cm2 ; A35 C/mm2 ; P10 C/m ; A26 C.m ; A5 A.m2 ; CKG C/kg ; C8 mC/kg ; A31 C/(kg.s) ; A32 C/mol
CDL cd ; P33 kcd ; P34 mcd ; LUM lm ; LUX lx ; KLX klx ; P26 10*4.lx ; P25 lm/[sft_i] ; P27 lm/[sft_i] ; A24 cd/m2
P28 cd/[sin_i] ; P32 cd/[sft_i] ; P30 Lmb ; P31 sb ; B59 lm.h ; B62 lm.s ; B60 lm/m2 ; B61 lm/W ; B63 lx.h ; B64 lx.s
BQL Bq ; GBQ GBq ; 4N MBq ; 2Q kBq ; H08 uBq ; A18 Bq/kg ; B25 kBq/kg ; B67 MBq/kg ; A19 Bq/m3 ; CUR Ci ; 2R kCi
MCU mCi ; M5 uCi ; A42 Ci/kg ; A95 Gy ; C13 mGy ; A96 Gy/s ; P54 mGy/s ; P55 uGy/s ; P56 nGy/s ; P57 Gy/min
P58 mGy/min ; P59 uGy/min ; P60 nGy/min ; P61 Gy/h ; P62 mGy/h ; P63 uGy/h ; P64 nGy/h ; C80 RAD ; D13 Sv ; C28 mSv
P65 Sv/s ; P66 mSv/s ; P67 uSv/s ; P68 nSv/s ; P74 Sv/min ; P75 mSv/min ; P76 uSv/min ; P77 nSv/min ; P70 Sv/h
P71 mSv/h ; P72 uSv/h ; P73 nSv/h ; D91 REM ; L31 mREM ; P69 REM/s ; 2C R ; 2Y mR ; KR kR ; D6 R/s ; Q25 [diop]
C34 mol ; B45 kmol ; C18 mmol ; FH umol ; C36 mol/m3 ; C38 mol/L ; C35 mol/dm3 ; B46 kmol/m3 ; M33 mmol/L ; C19 mol/kg
P47 kmol/kg ; D87 mmol/kg ; H68 mmol/g ; A94 g/mol ; D74 kg/mol ; F24 kg/kmol ; A40 m3/mol ; A37 dm3/mol ; A36 cm3/mol
B58 L/mol ; E95 mol/s ; E94 kmol/s ; L30 mol/min ; L23 mol/h ; K61 kmol/min ; K58 kmol/h ; KAT kat ; Q30 [pH]
A99 bit ; C37 kbit ; D36 Mbit ; B68 Gbit ; E83 Tbit ; E78 Pbit ; C21 Kibit ; D11 Mibit ; B30 Gibit ; AD By ; Q12 By
2P kBy ; 4L MBy ; E34 GBy ; E35 TBy ; E36 PBy ; E64 KiBy ; E63 MiBy ; E62 GiBy ; E61 TiBy ; B10 bit/s ; C74 kbit/s
E20 Mbit/s ; B80 Gbit/s ; E84 Tbit/s ; E79 Pbit/s ; E58 Ebit/s ; P93 By/s ; P94 kBy/s ; P95 MBy/s ; E68 GBy/s
Q13 By/s ; J38 Bd ; K50 kBd ; J54 MBd ; 2N dB ; M72 B ; C50 Np
C62 1 ; P1 % ; 60 % ; VP % ; NX [ppth] ; 59 [ppm] ; 61 [ppb] ; E40 10*-5 ; H93 %/100 ; H94 %/1000 ; Q26 1 ; M29 kg/kg
H64 mg/g ; NA mg/kg ; J33 ug/kg ; L32 ng/kg ; K62 L/L ; L19 mL/L ; J36 uL/L ; H60 m3/m3 ; J91 dm3/m3 ; J87 cm3/m3
H65 mL/m3 ; H25 %/K ; H71 %/mo ; H99 %/m ; J10 %/mm ; H98 %/[in_i] ; H96 %/bar ; H90 %/deg ; H87 {piece} ; EA {each}
NAR {article} ; NPT {part} ; NMP {pack} ; SET {set} ; E27 {dose} ; E53 {test} ; E51 {job} ; E54 {trip} ; E55 {use}
IE {person} ; HEA {head} ; U2 {tablet} ; D68 {word} ; ZP {page} ; ROM {room} ; E37 {pixel} ; PR 2.{item}
DZN 12.{item} ; DPC 12.{piece} ; SCO 20.{item} ; CEN 100.{item} ; HC 100.{item} ; GRO 144.{item} ; GGR 1728.{item}
MIL 10*3 ; T3 10*3.{piece} ; MIO 10*6 ; MLD 10*9 ; BIL 10*12 ; TRL 10*18 ; E38 10*6.{pixel} ; NIU [iU] ; HIU 100.[iU]
MIU 10*6.[iU] ; IUG [iU]/g
C92 /m ; C93 /m2 ; C86 /m3 ; E90 /cm ; H50 /cm3 ; L20 /mm3 ; K63 /L ; K20 /[cft_i] ; K49 /[cin_i] ; M10 /[cyd_i]
Q24 /[in_i] ; P78 /[sin_i] ; C85 /Ao ; C95 /mol ; N91 /J ; C89 /H ; P96 /V ; P97 /rad ; Q23 /Wb ; B83 m4 ; G77 mm4
D69 [in_i]4 ; N27 [ft_i]4
"""
REC20: Final[dict[str, str]] = {
    code: unit for line in _CODES.split("\n") for code, unit in (entry.split() for entry in line.split(" ; ") if entry)
}
"""Common code to UCUM code."""
